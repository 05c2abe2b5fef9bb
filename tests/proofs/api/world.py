"""What there is to be asked about: rows of each sort, an account in each role, cursors, packs."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from services.index import live_index
from services.models import DeviceToken, Organization, Pack, User
from services.packs.round import build_due
from services.vocabulary import Kind, Role, Visibility
from tests.api.authorization_world import TARGETS, World, a_world
from tests.builders import (
    PHILADELPHIA,
    a_place,
    a_report,
    a_service,
    a_site,
    a_token,
    an_account,
)

PASSWORD = "correct horse battery"  # of who signs in
Ids = dict[str, str]


@dataclass(frozen=True)
class Known:
    """What leads somewhere.

    Attributes:
        authorization: the header by role; empty for none.
        paths: by the first part of a path, ids for it; those of one row go together, own first.
        devices: of each role, the id of a device that may be signed out.
        packs: each region with the cursor of its pack.
        username: of somebody whose password is PASSWORD, and whose acts can be undone.
    """

    authorization: dict[str, str]
    paths: dict[str, list[Ids]]
    devices: dict[str, str]
    packs: list[tuple[str, str]]
    username: str


def a_known_world() -> Known:
    """Make it, and bring the search index up to it."""
    world = a_world()
    signs_in = _with_password(world.organizations["own"])
    _more_to_find(world)
    accounts = _accounts(world)
    live_index.catch_up()
    return Known(
        authorization=_authorization(accounts),
        paths=_paths(world),
        devices={role: _spare(account) for role, account in accounts.items()},
        packs=list(Pack.objects.values_list("region", "cursor")),
        username=signs_in.username,
    )


def _with_password(organization: Organization) -> User:
    """Its name is new each time: tries are counted by name, in Redis, which outlives the run."""
    account = an_account(Role.CLINIC_STAFF, organization, password=PASSWORD)
    account.username = f"signs-in-{uuid.uuid4()}"
    account.save()
    return account


def _more_to_find(world: World) -> None:
    lat, lon = PHILADELPHIA
    a_place("19103", lat, lon)
    a_place("Philadelphia", lat, lon, population=1_500_000)
    for kind in (Kind.NALOXONE, Kind.METHADONE):
        a_report(a_service(world.sites["own"], kind))
    for visibility in (Visibility.APPROXIMATE, Visibility.PHONE_ONLY):
        a_service(a_site(organization=world.organizations["own"], visibility=visibility))
    build_due(now=timezone.now())


def _accounts(world: World) -> dict[str, User]:
    return {
        "clinic_staff": world.accounts["staff"],
        "clinic_admin": world.accounts["admin"],
        "outreach": world.accounts["outreach"],
        "moderator": world.accounts["moderator"],
        "superuser": User.objects.create_superuser("root-of-all", password=PASSWORD),
    }


def _authorization(accounts: dict[str, User]) -> dict[str, str]:
    headers = {role: f"Bearer {a_token(account)}" for role, account in accounts.items()}
    token, text = DeviceToken.objects.issue(user=accounts["moderator"], name="old phone")
    token.expiry = timezone.now() - dt.timedelta(minutes=1)
    token.save()
    return headers | {"anonymous": "", "expired": f"Bearer {text}"}


def _spare(account: User) -> str:
    return str(DeviceToken.objects.issue(user=account, name="spare phone")[0].id)


def _paths(world: World) -> dict[str, list[Ids]]:
    members, targets = world.members, [target for target in TARGETS if target != "missing"]
    changes = {
        what: [str(world.edits[what, one]) for one in targets] for what in ("site", "service")
    }
    return {
        "organizations": _ids(world.organizations.values(), member=_pks(members.values())),
        "sites": _ids(world.sites.values(), change=changes["site"]),
        "services": _ids(world.services.values(), change=changes["service"]),
        "held-changes": _ids(world.held_changes.values()),
        "closings": _ids(world.closings.values()),
        "reports": _ids(world.reports.values()),
    }


def _ids(rows: Iterable[Any], **more: list[str]) -> list[Ids]:
    """Ids of rows, and of what belongs to each."""
    found = [{"id": id_} for id_ in _pks(rows)]
    for name, values in more.items():
        for ids, value in zip(found, values, strict=True):
            ids[name] = value
    return found


def _pks(rows: Iterable[Any]) -> list[str]:
    return [str(row.pk) for row in rows]
