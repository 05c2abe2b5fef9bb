"""Three organizations, an account in each role, and a listing of each sort to ask about."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.apps import apps
from django.utils import timezone

from services.listing_edits import edit_listing
from services.models import (
    AvailabilityReport,
    Closing,
    DeviceToken,
    HeldChange,
    Membership,
    Organization,
    ReportingPlan,
    Service,
    Site,
    User,
)
from services.vocabulary import Availability, Kind, Reporter, Role
from tests.builders import a_service, a_site, an_account, an_organization

# own: of the organization that staff and admin belong to. foreign: of one nobody here belongs to.
# hidden: of their own, and retired. missing: of no one.
Target = Literal["own", "foreign", "hidden", "missing"]
TARGETS: tuple[Target, ...] = ("own", "foreign", "hidden", "missing")


@dataclass
class World:
    """Who and what there is."""

    accounts: dict[str, User]
    organizations: dict[Target, Organization]
    sites: dict[Target, Site]
    services: dict[Target, Service]
    held_changes: dict[Target, HeldChange]
    closings: dict[Target, Closing]
    members: dict[Target, Membership]
    reports: dict[Target, AvailabilityReport]
    edits: dict[tuple[str, Target], uuid.UUID]  # change sets of "site" and "service"


def a_world() -> World:
    """Own and hidden listings belong to one organization, foreign ones to another."""
    own, foreign, other = (an_organization() for _ in range(3))
    accounts = {
        "outreach": an_account(Role.OUTREACH),
        "staff": an_account(Role.CLINIC_STAFF, own),
        "other_staff": an_account(Role.CLINIC_STAFF, other),
        "admin": an_account(Role.CLINIC_ADMIN, own),
        "other_admin": an_account(Role.CLINIC_ADMIN, other),
        "moderator": an_account(Role.MODERATOR),
    }
    sites: dict[Target, Site] = {
        "own": a_site(organization=own),
        "foreign": a_site(organization=foreign),
    }
    sites["hidden"] = a_site(organization=own, retired_at=timezone.now() - dt.timedelta(days=1))
    for site in sites.values():
        ReportingPlan.objects.create(site=site, contact_email="front-desk@example.org")
    services = {name: a_service(site, Kind.DETOX) for name, site in sites.items()}
    # A hidden organization would be none: it is another one's business.
    organizations: dict[Target, Organization] = {"own": own, "foreign": foreign, "hidden": own}
    colleagues = {
        name: an_account(Role.CLINIC_STAFF, site.organization) for name, site in sites.items()
    }
    edits: dict[tuple[str, Target], uuid.UUID] = {}
    for name, colleague in colleagues.items():
        for what, row in (("site", sites[name]), ("service", services[name])):
            edits[what, name] = an_edit_of(row, colleague)
    return World(
        accounts,
        organizations,
        sites,
        services,
        held_changes={name: a_held_change(sites[name], who) for name, who in colleagues.items()},
        closings={name: a_closing(site) for name, site in sites.items()},
        members={name: who.memberships.get() for name, who in colleagues.items()},
        reports={name: a_report_of(service) for name, service in services.items()},
        edits=edits,
    )


def an_edit_of(row: Site | Service, colleague: User) -> uuid.UUID:
    """A colleague's edit of a name; the id of its change set."""
    edit_listing(model=type(row), pk=row.pk, changes={"name": "South Clinic"}, account=colleague)
    events = apps.get_model("services", f"{type(row).__name__}Event").objects
    newest: uuid.UUID = events.filter(pgh_obj_id=row.pk).order_by("-pgh_id").first().pgh_context_id
    return newest


def a_closing(site: Site) -> Closing:
    """The site is closed for a day."""
    now = timezone.now()
    return Closing.objects.create(
        organization=site.organization,
        site=site,
        closed_by=Reporter.CLINIC_STAFF,
        made_at=now,
        until=now + dt.timedelta(days=1),
    )


def a_report_of(service: Service) -> AvailabilityReport:
    """Somebody reported it, while it was listed."""
    now = timezone.now()
    return AvailabilityReport.objects.create(
        service=service,
        state=Availability.FULL,
        observed_at=now,
        received_at=now,
        reporter=Reporter.CLINIC_STAFF,
        channel=AvailabilityReport.Channel.API,
    )


def a_held_change(site: Site, colleague: User) -> HeldChange:
    """A colleague's change of the site's phone waits."""
    phones = [{"number": "+12155550199", "extension": None, "label": "main"}]
    edit_listing(model=Site, pk=site.pk, changes={"phones": phones}, account=colleague)
    return HeldChange.objects.get(site=site)


MISSING = uuid.UUID("00000000-0000-4000-8000-000000000000")


def path_of(name: str) -> Callable[[World, Target], dict[str, str]]:
    """The path's id of one of the world's things, such as "sites"."""

    def ids(world: World, target: Target) -> dict[str, str]:
        row = None if target == "missing" else getattr(world, name)[target]
        return {"id": str(MISSING if row is None else row.pk)}

    return ids


def member_path(world: World, target: Target) -> dict[str, str]:
    """An organization and one of its people."""
    member = MISSING if target == "missing" else world.members[target].pk
    return path_of("organizations")(world, target) | {"member": str(member)}


def edit_path(what: str) -> Callable[[World, Target], dict[str, str]]:
    """A listing and one of its change sets."""

    def ids(world: World, target: Target) -> dict[str, str]:
        change = MISSING if target == "missing" else world.edits[what, target]
        return path_of(f"{what}s")(world, target) | {"change": str(change)}

    return ids


def device_path(world: World, target: Target) -> dict[str, str]:
    """A device of own staff; foreign and hidden ones are somebody else's."""
    owners = {"own": "staff", "foreign": "other_staff", "hidden": "moderator"}
    if target == "missing":
        return {"id": str(MISSING)}
    owner = world.accounts[owners[target]]
    return {"id": str(DeviceToken.objects.issue(user=owner, name="old phone")[0].id)}
