"""The people of an organization: their roles there, and their leaving."""

import uuid

from django.db import transaction

from services.accounts import NotAllowedError, take_membership
from services.history import sign_history
from services.models import Membership, Organization, User
from services.vocabulary import CLINIC_ROLES, Role


class LastAdminError(Exception):
    """A clinic would be left without anybody who may invite."""

    def __init__(self) -> None:
        super().__init__(
            "This is the clinic's only admin. Make somebody else one first, or ask a moderator."
        )


def is_last_admin(membership: Membership) -> bool:
    """Whether nobody else who is active administers the organization."""
    others = Membership.objects.filter(
        organization=membership.organization_id, role=Role.CLINIC_ADMIN, user__is_active=True
    ).exclude(pk=membership.pk)
    return membership.role == Role.CLINIC_ADMIN and not others.exists()


@transaction.atomic
def remove_member(*, membership_id: uuid.UUID, by: User) -> None:
    """End a membership. What the person reported stays.

    Raises:
        Membership.DoesNotExist: there is none, or it is not theirs to end.
        LastAdminError: only a moderator may take a clinic's last admin away.
    """
    membership = _locked(membership_id, by)
    if is_last_admin(membership) and not by.moderates:
        raise LastAdminError
    take_membership(membership, by=by)


@transaction.atomic
def change_role(*, membership_id: uuid.UUID, role: Role, by: User) -> Membership:
    """Make a member staff or admin of their organization. The same role changes nothing.

    Raises:
        Membership.DoesNotExist: there is none, or it is not theirs to change.
        LastAdminError: only a moderator may take a clinic's last admin away.
        NotAllowedError: the role is not one of a clinic.
    """
    if role not in CLINIC_ROLES:
        raise NotAllowedError("In an organization people are staff or admins.")
    membership = _locked(membership_id, by)
    if membership.role == role:
        return membership
    if is_last_admin(membership) and not by.moderates:
        raise LastAdminError
    sign_history(by, organization_id=membership.organization_id)
    membership.role = role
    membership.save(update_fields=["role"])
    return membership


def _locked(membership_id: uuid.UUID, by: User) -> Membership:
    """The row, and its organization locked: two admins cannot remove each other at once."""
    mine = Membership.objects.manageable_by(by)
    organization = mine.values_list("organization", flat=True).get(pk=membership_id)
    Organization.objects.select_for_update(no_key=True).filter(pk=organization).first()
    return (
        Membership.objects.select_for_update(of=("self",))
        .select_related("user")
        .get(pk=mine.get(pk=membership_id).pk)
    )
