"""Every table of organizations stands behind the wall: no row of another is read or written."""

import pytest
from django.db import ProgrammingError, connection, transaction
from psycopg.errors import InsufficientPrivilege, RaiseException

from services.acting import NOBODY, SYSTEM, Acting, acting_as
from services.models import User
from services.vocabulary import Role
from tests.builders import an_account
from tests.services.walls.victim import RawSql, Victim, acting_for, owned_tables

pytestmark = pytest.mark.django_db

# What anybody may find, or is told of whoever asks.
PUBLIC = {
    f"services_{name}"
    for name in ("organization", "site", "phone", "service", "hours", "hoursexception")
} | {"services_servicesourcing"}

COMMANDS = ("select", "insert", "update", "delete")


@pytest.fixture
def victim() -> Victim:
    return Victim()


def others() -> dict[str, Acting]:
    """Everybody who has no business with the victim's rows."""
    staff, admin = an_account(Role.CLINIC_STAFF), an_account(Role.CLINIC_ADMIN)
    gone: User = an_account(Role.MODERATOR)
    gone.is_active = False
    gone.save()
    accounts = {"staff": staff, "admin": admin, "moderator that was": gone, "new": an_account()}
    return {"nobody": NOBODY} | {name: acting_for(one) for name, one in accounts.items()}


def reaches(command: str, raw: RawSql) -> bool:
    """Whether a statement reaches a row; one that is refused does not."""
    try:
        with transaction.atomic():
            found: int = getattr(raw, command)()
            transaction.set_rollback(True)
    except ProgrammingError as refused:
        if not isinstance(refused.__cause__, InsufficientPrivilege | RaiseException):
            raise
        return isinstance(refused.__cause__, RaiseException)  # reached, and a trigger refused
    return found > 0


def test_nobody_else_reads_or_writes_a_row(victim: Victim) -> None:
    """Every table, each command, by everybody who has no business there."""
    reached = {
        (name, command, table)
        for name, somebody in others().items()
        for table, key in victim.keys.items()
        for command in COMMANDS
        if reaches(command, RawSql(somebody, table, key))
    }
    assert reached == {(name, "select", table) for name in others() for table in PUBLIC}


def test_without_the_wall_all_would(victim: Victim) -> None:
    """What the test above asks for is there, and can be done."""
    unread = {t for t, key in victim.keys.items() if RawSql(SYSTEM, t, key).select() != 1}
    assert not unread
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in victim.keys:
            cursor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for command in ("select", "update"):
        missed = {
            t for t, key in victim.keys.items() if not reaches(command, RawSql(NOBODY, t, key))
        }
        assert not missed, command


def test_its_own_admin_reads_all_of_it_but_what_moderators_read(victim: Victim) -> None:
    me = acting_for(victim.admin)
    unread = {table for table, key in victim.keys.items() if not RawSql(me, table, key).select()}
    assert unread == {
        f"services_{name}" for name in ("message", "importrun", "sourcerecord", "claim")
    }


def test_rows_cannot_be_given_to_another_organization(victim: Victim) -> None:
    other = an_account(Role.CLINIC_ADMIN).memberships.get().organization_id
    give = "UPDATE services_site SET organization_id = %s WHERE id = %s"
    walled = pytest.raises(ProgrammingError, match="row-level security")
    mine = acting_as(acting_for(victim.admin))
    with walled, transaction.atomic(), mine, connection.cursor() as cursor:
        cursor.execute(give, [other, victim.site.pk])


def test_every_table_of_organizations_has_its_wall() -> None:
    """A new model with a key to a listing needs a policy, in a migration."""
    walled = "SELECT relname FROM pg_class WHERE relrowsecurity"
    with connection.cursor() as cursor:
        cursor.execute(walled)
        assert {name for (name,) in cursor.fetchall()} == owned_tables()
        cursor.execute(
            "SELECT tablename FROM pg_policies WHERE roles = '{locator_app}' "
            "AND cmd IN ('SELECT', 'ALL')"
        )
        assert {name for (name,) in cursor.fetchall()} == owned_tables()


def test_the_role_of_web_processes_owns_nothing_and_passes_no_wall() -> None:
    asked = "SELECT rolsuper, rolbypassrls, rolcanlogin, rolcreaterole FROM pg_roles"
    with connection.cursor() as cursor:
        cursor.execute(f"{asked} WHERE rolname = 'locator_app'")
        assert cursor.fetchone() == (False, False, False, False)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = 'locator_app'::regrole")
        assert cursor.fetchone() == (0,)
