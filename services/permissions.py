"""Who may do what in the admin. Which rows, the querysets say: ``editable_by`` and its kin.

The permissions bear Django's own names, so that its admin asks for them; each is a predicate on the
account and, where there is one, the row.
"""

from typing import Any

import rules

from services.models import (
    AvailabilityReport,
    Change,
    HeldChange,
    Hours,
    HoursException,
    ImportRun,
    Invitation,
    Membership,
    Message,
    Organization,
    Pack,
    Phone,
    Place,
    ReportingPlan,
    Service,
    Site,
    Source,
    SourceRecord,
    User,
)
from services.vocabulary import Role

LISTING = (Organization, Site, Service)
PARTS = (Phone, Hours, HoursException, AvailabilityReport, ReportingPlan)
# What feeds said, the log, and the outbox.
OF_MODERATORS = (Source, SourceRecord, ImportRun, Place, Change, Message, Pack)


ROLES = "_roles_in_clinics"


@rules.predicate
def moderates(user: User) -> bool:
    """Whether every listing is theirs to mend."""
    return user.is_authenticated and user.moderates


@rules.predicate
def belongs_to_a_clinic(user: User) -> bool:
    """Whether they are staff of some organization."""
    return bool(_roles_in_clinics(user))


@rules.predicate
def administers_a_clinic(user: User) -> bool:
    """Whether they invite and remove the people of some organization."""
    return Role.CLINIC_ADMIN in _roles_in_clinics(user)


def _roles_in_clinics(user: User) -> frozenset[str]:
    if not (user.is_authenticated and user.is_active):
        return frozenset()
    known: frozenset[str] | None = getattr(user, ROLES, None)
    if known is None:  # a page asks this for every model it names
        known = frozenset(user.memberships.values_list("role", flat=True))
        setattr(user, ROLES, known)
    return known


@rules.predicate
def may_edit(user: User, row: Any) -> bool:
    """Whether a listing is theirs to edit; without a row, whether any may be."""
    if row is None:
        return True
    listing = _listing_of(row)
    mine: bool = type(listing).objects.editable_by(user).filter(pk=listing.pk).exists()
    return mine


def _listing_of(row: Any) -> Any:
    if isinstance(row, (Phone, ReportingPlan)):
        return row.site
    if isinstance(row, (Hours, HoursException, AvailabilityReport)):
        return row.service
    return row


@rules.predicate
def may_decide(user: User, held: HeldChange | None) -> bool:
    """Whether a held change is of their organization."""
    return held is None or HeldChange.objects.visible_to(user).filter(pk=held.pk).exists()


@rules.predicate
def may_manage(user: User, row: Membership | Invitation | None) -> bool:
    """Whether a membership or invitation is of an organization they administer."""
    if row is None:
        return True
    mine: bool = type(row).objects.manageable_by(user).filter(pk=row.pk).exists()
    return mine


clinic_or_moderator = moderates | (belongs_to_a_clinic & may_edit)

for model in (*LISTING, *PARTS):
    name = model._meta.model_name
    rules.add_perm(f"services.view_{name}", clinic_or_moderator)
    rules.add_perm(f"services.change_{name}", clinic_or_moderator)

for model in (Site, Service, Phone, Hours, HoursException, ReportingPlan):
    rules.add_perm(f"services.add_{model._meta.model_name}", clinic_or_moderator)
for model in (Phone, Hours, HoursException, ReportingPlan):
    rules.add_perm(f"services.delete_{model._meta.model_name}", clinic_or_moderator)
for name in ("add", "delete"):
    rules.add_perm(f"services.{name}_organization", moderates)

of_their_people = moderates | (administers_a_clinic & may_manage)
for name in ("view_membership", "change_membership", "delete_membership",
             "view_invitation", "add_invitation", "delete_invitation"):  # fmt: skip
    rules.add_perm(f"services.{name}", of_their_people)
for name in ("view_user", "add_membership"):
    rules.add_perm(f"services.{name}", moderates)

rules.add_perm("services.view_heldchange", moderates | (belongs_to_a_clinic & may_decide))

for kept in OF_MODERATORS:
    rules.add_perm(f"services.view_{kept._meta.model_name}", moderates)
for name in ("add_source", "change_source", "add_place", "change_place", "change_importrun"):
    rules.add_perm(f"services.{name}", moderates)

rules.add_perm("services", clinic_or_moderator)  # that the admin names the app at all
