"""With every filter of ours switched off, the database still keeps organizations apart."""

from typing import Any

import pytest
from django.db import connection, transaction

from services import permissions, reverting
from services.index import live_index
from services.models import (
    Closing,
    HeldChange,
    Invitation,
    Membership,
    Organization,
    Service,
    Site,
    User,
)
from services.models.report import ReportQuerySet
from services.vocabulary import Role
from tests.api.authorization_matrix import MATRIX, Row
from tests.api.authorization_world import World, a_world
from tests.api.conftest import phone_of
from tests.api.test_authorization import answer_to
from tests.services.walls.victim import owned_tables

pytestmark = pytest.mark.django_db

# Sentences about rows that say what is whose: all of them now say that everything is everybody's.
FILTERS = {
    Organization.objects.none().__class__: ("editable_by", "administered_by"),
    Site.objects.none().__class__: ("editable_by",),
    Service.objects.none().__class__: ("editable_by", "reportable_by"),
    HeldChange.objects.none().__class__: ("visible_to",),
    Membership.objects.none().__class__: ("manageable_by",),
    Invitation.objects.none().__class__: ("manageable_by",),
    Closing.objects.none().__class__: ("endable_by",),
    ReportQuerySet: ("visible_to",),
}
FOREIGNERS = ("other_staff", "other_admin")
CANARY = "Quokka"  # stands in what an organization keeps to itself


@pytest.fixture
def no_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    for sentences, names in FILTERS.items():
        for name in names:
            monkeypatch.setattr(sentences, name, lambda rows, _user: rows.all())
    monkeypatch.setattr(User, "role_at", lambda *_: Role.CLINIC_ADMIN)
    monkeypatch.setattr(reverting, "may_change", lambda *_: True)
    for predicate in ("may_edit", "may_decide", "may_manage"):
        monkeypatch.setattr(permissions, predicate, lambda *_: True)


def everything(world: World) -> dict[str, set[str]]:
    """All rows that organizations own, but for those that the foreigners' own one does."""
    theirs = [world.accounts[name].memberships.get().organization_id for name in FOREIGNERS]
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        for table in sorted(owned_tables()):
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t")  # noqa: S608
            rows = {text for (text,) in cursor.fetchall()}
            found[table] = {row for row in rows if not any(str(one) in row for one in theirs)}
    return found


def keep_secrets(world: World) -> None:
    """Something recognisable in each private row."""
    organization = world.organizations["foreign"]
    HeldChange.objects.filter(organization=organization).update(
        changes={"name": CANARY}, before={"name": CANARY}
    )
    Closing.objects.filter(organization=organization).update(reason=CANARY)
    plan = world.sites["foreign"].reporting_plan
    plan.contact_email = f"{CANARY}@example.org"
    plan.save()
    for member in Membership.objects.filter(organization=organization):
        member.user.username = f"{CANARY} {member.pk}"
        member.user.save()


def answer_of(world: World, role: str, name: str, row: Row) -> Any:
    """What a foreigner is answered, and which rows of others it has left otherwise."""
    before = everything(world)
    changed: list[str] = []
    with transaction.atomic():
        answer = answer_to_stays(world, role, name, row)
        after = everything(world)
        changed = [table for table in before if before[table] != after[table]]
        transaction.set_rollback(True)
    return answer, changed


def answer_to_stays(world: World, role: str, name: str, row: Row) -> Any:
    """The answer to one request, whose effects stay."""
    return answer_to(phone_of(world.accounts[role]), name, world, row, "foreign", undo=False)


# Anybody may tell what a visit came to; the system stores it.
FOR_ANYBODY = {"outcome"}


@pytest.mark.usefixtures("no_filters")
@pytest.mark.parametrize("role", FOREIGNERS)
def test_no_foreign_row_is_read_or_written(role: str) -> None:
    world = a_world()
    keep_secrets(world)
    live_index.catch_up()
    for name, row in MATRIX.items():
        if row.target is None or name in FOR_ANYBODY:
            continue
        answer, changed = answer_of(world, role, name, row)
        assert not changed, (name, answer.status_code)
        assert CANARY not in answer.content.decode(), name
        assert answer.status_code < 500, name


def test_the_filters_really_are_off(no_filters: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the walls, the same requests read and write what is another's."""
    from services import acting

    world = a_world()
    keep_secrets(world)
    live_index.catch_up()
    monkeypatch.setattr(acting, "NOBODY", acting.SYSTEM)
    read, written = set(), set()
    for name, row in MATRIX.items():
        if row.target is None or name in FOR_ANYBODY:
            continue
        answer, changed = answer_of(world, "other_admin", name, row)
        if changed:
            written.add(name)
        if CANARY in answer.content.decode():
            read.add(name)
    assert {"members", "reporting_plan", "site_closings", "site_history"} <= read
    assert {"report", "edit_site", "close_site", "approve_held_change", "remove_member",
            "set_reporting_plan", "confirm", "invite_member"} <= written  # fmt: skip
