"""Which status each operation answers, by who asks and whose the thing is."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.api.authorization_world import (
    Target,
    World,
    device_path,
    edit_path,
    member_path,
    path_of,
)

service_id = path_of("services")
site_id = path_of("sites")
organization_id = path_of("organizations")
held_change_id = path_of("held_changes")

ROLES = ("anonymous", "outreach", "staff", "other_staff", "admin", "other_admin", "moderator")

Expected = dict[tuple[str, Target], int]


def table(text: str) -> Expected:
    """A table as people read it: a line for each role, a column for each target."""
    head, *lines = [line.split() for line in text.strip().splitlines()]
    return {
        (role, target): int(status)  # type: ignore[misc]
        for role, *statuses in lines
        for target, status in zip(head, statuses, strict=True)
    }


def everyone(status: int) -> Expected:
    """The same for all, of an operation that is about nothing in particular."""
    return {(role, "own"): status for role in ROLES}


@dataclass(frozen=True)
class Row:
    """One operation.

    Attributes:
        target: the path's ids for a target; None if the path names nothing that belongs to anyone.
        body: what is sent, made anew for each request.
        path: ids of the path that belong to nobody.
        status: how to read the status, where an answer holds several.
    """

    expected: Expected
    target: Callable[[World, Target], dict[str, str]] | None = None
    body: Callable[[World, Target], object] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)
    status: Callable[[Any], int] = lambda response: int(response.status_code)


PUBLIC = table("""
                own foreign hidden missing
    anonymous   200 200     404    404
    outreach    200 200     404    404
    staff       200 200     404    404
    other_staff 200 200     404    404
    admin       200 200     404    404
    other_admin 200 200     404    404
    moderator   200 200     404    404
""")
# Whoever may edit a listing sees it when it is off the lists too: to list it again.
LISTING = PUBLIC | {(role, "hidden"): 200 for role in ("staff", "admin", "moderator")}
# An organization is listed while it runs a listed site: its hidden site does not hide it.
PUBLIC_ORGANIZATION = PUBLIC | {(role, "hidden"): 200 for role in ROLES}


def table_of(anonymous: str, outreach: str, clinic: str, stranger: str, moderator: str) -> Expected:
    """Where staff and admins of a clinic may do the same."""
    lines = {"anonymous": anonymous, "outreach": outreach, "moderator": moderator}
    lines |= {"staff": clinic, "admin": clinic, "other_staff": stranger, "other_admin": stranger}
    return table("own foreign hidden missing\n" + "\n".join(f"{k} {v}" for k, v in lines.items()))


NOBODY = "401 401 401 401"
NOTHING = "404 404 404 404"


def says(status: int) -> Expected:
    """Reporting and confirming: outreach all listed services, a clinic its own."""
    of_all, of_own = f"{status} {status} 404 404", f"{status} 404 404 404"
    return table_of(NOBODY, of_all, of_own, NOTHING, of_all)


def edits(status: int) -> Expected:
    """Editing: a clinic its own, retired ones too; moderators all."""
    of_all, of_own = f"{status} {status} {status} 404", f"{status} 404 {status} 404"
    return table_of(NOBODY, NOTHING, of_own, NOTHING, of_all)


def of_listed(status: int) -> Expected:
    """What concerns a listed site of one's own: its retired sites have none of it."""
    of_all, of_own = f"{status} {status} 404 404", f"{status} 404 404 404"
    return table_of(NOBODY, NOTHING, of_own, NOTHING, of_all)


def calls(status: int) -> Expected:
    """Calling clinics is for outreach and moderators, whosever the service is."""
    of_all, no_one = f"{status} {status} 404 404", "403 403 403 403"
    return table_of(NOBODY, of_all, no_one, no_one, of_all)


EVENT_ID = "11111111-1111-4111-8111-111111111111"


def a_report(*_: object) -> dict[str, object]:
    """A report that can be true."""
    return {"id": EVENT_ID, "state": "full"}


def a_batch(world: World, target: Target) -> dict[str, object]:
    """One report about the target."""
    return {"reports": [a_report() | {"service": service_id(world, target)["id"]}]}


def item_status(response: Any) -> int:
    """The status of a batch's only item."""
    told = response.json()
    return int(told["results"][0]["status"] if "results" in told else told["status"])


def here(*_: object) -> dict[str, object]:
    """A search's position."""
    return {"lat": 39.95, "lon": -75.16}


def an_edit(*_: object) -> dict[str, object]:
    """An edit that is not dangerous."""
    return {"name": "North Clinic"}


ACCOUNTS = everyone(200) | {("anonymous", "own"): 401}


def a_closing(*_: object) -> dict[str, object]:
    """Closed for an hour."""
    until = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    return {"id": EVENT_ID, "until": until.isoformat()}


def somebody(*_: object) -> dict[str, object]:
    """Whom to invite."""
    return {"id": EVENT_ID, "email": "someone@example.org", "role": "clinic_staff"}


def administers(status: int) -> Expected:
    """People are for admins of the organization and moderators; its staff know that it exists."""
    of_all, of_own = f"{status} {status} {status} 404", f"{status} 404 {status} 404"
    known = table_of(NOBODY, NOTHING, of_own, NOTHING, of_all)
    return known | {("staff", "own"): 403, ("staff", "hidden"): 403}


def moderates(status: int) -> Expected:
    """For moderators alone; nobody else learns that it is there."""
    return table_of(NOBODY, NOTHING, NOTHING, NOTHING, f"{status} {status} {status} 404")


def a_stranger(*_: object) -> dict[str, object]:
    """Credentials of nobody, of another nobody each time: tries are counted by name."""
    return {"username": f"nobody-{uuid.uuid4()}", "password": "x", "name": "phone"}


CHECKERS = everyone(403) | {("anonymous", "own"): 401}
CHECKERS |= {(role, "own"): 200 for role in ("outreach", "moderator")}

MATRIX: dict[str, Row] = {
    # Anyone.
    "healthz": Row(everyone(200)),
    "readyz": Row(everyone(503)),  # no worker runs here
    "schema": Row(everyone(200)),
    "kinds": Row(everyone(200)),
    "nearby": Row(everyone(200), body=here),
    "cell": Row(everyone(200), path={"geohash": "dr4e"}),
    "packs": Row(everyone(200)),
    "pack": Row(everyone(404), path={"region": "US-ZZ"}),
    "changes": Row(everyone(400)),  # without a cursor
    "map_tile": Row(everyone(200), path={"z": "0", "x": "0", "y": "0"}),
    "services": Row(everyone(200)),
    "sites": Row(everyone(200)),
    "organizations": Row(everyone(200)),
    "service": Row(LISTING, service_id),
    "site": Row(LISTING, site_id),
    "organization": Row(PUBLIC_ORGANIZATION, organization_id),
    "reports": Row(PUBLIC, service_id),
    "outcome": Row(
        {key: 201 if status == 200 else status for key, status in PUBLIC.items()},
        service_id,
        body=lambda *_: {"id": EVENT_ID, "outcome": "served"},
    ),
    "staleness_of_organizations": Row(everyone(200)),
    "staleness_of_regions": Row(everyone(200)),
    "staleness_of_organization": Row(PUBLIC_ORGANIZATION, organization_id),
    # Outreach, clinics for their own, moderators.
    "report": Row(says(201), service_id, body=a_report),
    "report_batch": Row(says(201), lambda *_: {}, body=a_batch, status=item_status),
    "confirm": Row(says(200), service_id, body=lambda *_: {}),
    "verify": Row(CHECKERS, body=here),
    "claim": Row(calls(200), service_id),
    "release_claim": Row(calls(204), service_id),
    # Clinics for their own, moderators.
    "edit_service": Row(edits(200), service_id, body=an_edit, headers={"If-Match": "*"}),
    "edit_site": Row(edits(200), site_id, body=an_edit, headers={"If-Match": "*"}),
    "held_changes": Row(ACCOUNTS),
    "approve_held_change": Row(edits(200), held_change_id),
    "reject_held_change": Row(edits(200), held_change_id),
    "service_history": Row(LISTING, service_id),
    "site_history": Row(edits(200), site_id),
    "revert_service_change": Row(edits(200), edit_path("service")),
    "revert_site_change": Row(edits(200), edit_path("site")),
    "service_closings": Row(of_listed(200), service_id),
    "site_closings": Row(of_listed(200), site_id),
    "organization_closings": Row(edits(200), organization_id),
    "close_service": Row(of_listed(201), service_id, body=a_closing),
    "close_site": Row(of_listed(201), site_id, body=a_closing),
    "close_organization": Row(edits(201), organization_id, body=a_closing),
    "reopen": Row(edits(200), path_of("closings")),
    "reporting_plan": Row(of_listed(200), site_id),
    "set_reporting_plan": Row(
        of_listed(200), site_id, body=lambda *_: {"contact_email": "shift@example.org"}
    ),
    "stop_reporting_plan": Row(of_listed(204), site_id),
    "mail_report_link": Row(of_listed(202), site_id),
    # Admins of an organization, moderators.
    "members": Row(administers(200), organization_id),
    "invite_member": Row(administers(201), organization_id, body=somebody),
    "change_member": Row(administers(200), member_path, body=lambda *_: {"role": "clinic_admin"}),
    "remove_member": Row(administers(204), member_path),
    # Moderators.
    "undo_account": Row(
        everyone(404) | {("anonymous", "own"): 401, ("moderator", "own"): 200},
        body=lambda world, _: {
            "username": world.accounts["other_staff"].username,
            "since": "2026-01-01T00:00:00Z",
        },
    ),
    "withdraw_report": Row(moderates(200), path_of("reports")),
    # Oneself.
    "account": Row(ACCOUNTS),
    "tokens": Row(ACCOUNTS),
    "sign_in": Row(everyone(401), body=a_stranger),
    "revoke_token": Row(
        table_of(NOBODY, NOTHING, NOTHING, NOTHING, NOTHING)
        | {("staff", "own"): 204, ("other_staff", "foreign"): 204, ("moderator", "hidden"): 204},
        device_path,
    ),
    "invite": Row(
        everyone(403)
        | {("anonymous", "own"): 401, ("moderator", "own"): 201, ("outreach", "own"): 201},
        body=lambda *_: somebody() | {"role": "outreach"},
    ),
}
