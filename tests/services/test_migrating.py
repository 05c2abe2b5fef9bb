"""Migrations wait for locks for a moment only, leave nothing half-done, and come back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, migrations, models
from django.db.migrations.executor import MigrationExecutor

from services import migrating
from tests.api.test_outages import connection_options

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = "services_place"  # nothing else in this test asks it
TOLD: list[str] = []


class Migration(migrations.Migration):
    """Makes a table first, then needs a lock of one that is in use."""

    operations = [  # noqa: RUF012 - as Django has it
        migrations.CreateModel("Made", [("id", models.BigAutoField(primary_key=True))]),
        migrations.RunSQL(f"ALTER TABLE {TABLE} ADD COLUMN made int"),
    ]


def migrate() -> None:
    """Apply it, as Django's command would."""
    executor = MigrationExecutor(connection)
    state = executor.loader.project_state()
    executor.apply_migration(state, Migration("made", "services"))


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    TOLD.clear()
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS services_made")
        cursor.execute(f"ALTER TABLE {TABLE} DROP COLUMN IF EXISTS made")
        cursor.execute("DELETE FROM django_migrations WHERE name = 'made'")


@contextmanager
def somebody_reads() -> Iterator[psycopg.Connection[Any]]:
    """A transaction that has read the table, and goes on."""
    with psycopg.connect(**connection_options()) as reader:
        reader.execute(f"SELECT count(*) FROM {TABLE}")  # noqa: S608
        yield reader


def is_done() -> tuple[bool, bool, bool]:
    """Whether the table, the column and the record are there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass('services_made') IS NOT NULL,"
            " EXISTS (SELECT 1 FROM information_schema.columns"
            "         WHERE table_name = %s AND column_name = 'made'),"
            " EXISTS (SELECT 1 FROM django_migrations WHERE name = 'made')",
            [TABLE],
        )
        row: tuple[bool, bool, bool] = cursor.fetchone()
        return row


def with_tries(tries: int) -> None:
    migrating.with_tries(migrate, connection, TOLD.append, lock_s=0.1, tries=tries, pause_s=0)


def test_it_gives_up_undone_and_succeeds_later() -> None:
    with somebody_reads():
        with pytest.raises(migrating.LocksHeldError):
            with_tries(3)
        assert is_done() == (False, False, False)
    assert len(TOLD) == 2
    assert "undone. Trying again" in TOLD[0]
    with_tries(1)
    assert is_done() == (True, True, True)


def test_it_comes_back_when_the_lock_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    with somebody_reads() as reader:
        monkeypatch.setattr("services.migrating.time.sleep", lambda _s: reader.rollback())
        with_tries(2)
    assert is_done() == (True, True, True)
    assert len(TOLD) == 1


def test_it_comes_back_when_it_and_a_writer_waited_for_each_other() -> None:
    tries = []

    def is_chosen_once() -> None:
        tries.append(1)
        if len(tries) == 1:
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$")

    migrating.with_tries(is_chosen_once, connection, TOLD.append, tries=2, pause_s=0)
    assert len(tries) == 2


def test_others_are_held_up_no_longer_than_it_waits() -> None:
    """While it waits readers queue behind it; when it has given up they go on."""
    with somebody_reads():
        with pytest.raises(migrating.LocksHeldError):
            with_tries(1)
        with psycopg.connect(**connection_options()) as other:
            other.execute("SET lock_timeout = '5s'")
            other.execute(f"SELECT count(*) FROM {TABLE}")  # noqa: S608


def test_the_connection_waits_as_before_afterwards() -> None:
    with_tries(1)
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_another_error_is_told_at_once() -> None:
    calls = []

    def fails() -> None:
        calls.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(Exception, match="terminat"):
        migrating.with_tries(fails, connection, TOLD.append, tries=3, pause_s=0)
    connection.close()
    assert calls == [1]


def test_the_command_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def held(*_: object, **__: object) -> None:
        raise migrating.LocksHeldError

    monkeypatch.setattr("services.management.commands.migrate.with_tries", held)
    with pytest.raises(CommandError, match=r"after 10 tries.*undone as a whole.*migrate again"):
        call_command("migrate", verbosity=0)


def test_every_migrate_of_this_project_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []

    def look(*_: object, **__: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            shown.append(cursor.fetchone()[0])

    monkeypatch.setattr("django.core.management.commands.migrate.Command.handle", look)
    call_command("migrate", verbosity=0)
    assert shown == ["2s"]
