"""What every test may rely on: a clean search index, and the caches of the last run."""

import secrets
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import override_settings

from services.acting import this_process_is_the_system
from services.gazetteer import gazetteer
from services.index import live_index
from services.walls import take_the_role_away

# A test arranges and looks as the system; requests act for whoever sends them.
this_process_is_the_system()
take_the_role_away()


@pytest.fixture(autouse=True)
def _no_index_from_another_test() -> Iterator[None]:
    yield
    live_index.forget()
    gazetteer.forget()


@pytest.fixture(autouse=True)
def _snapshots_of_its_own(settings: Any, tmp_path: Path) -> None:
    settings.INDEX_FOLDER = str(tmp_path / "index")


@pytest.fixture(autouse=True, scope="session")
def _passwords_are_hashed_fast() -> Iterator[None]:
    """As slowly as in production it would be a third of the time of all tests."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture
def _limits_of_its_own(settings: Any) -> None:
    """Sign-ins are counted apart from those of other tests and of the last run."""
    prefix = {"KEY_PREFIX": f"test-{uuid.uuid4().hex}"}
    settings.CACHES = {"default": settings.CACHES["default"] | prefix}


@pytest.fixture
def _counted_anew(settings: Any) -> None:
    """Whoever is limited comes for the first time: counters of this test alone."""
    settings.LIMITS_KEY = secrets.token_bytes(32)


# What triggers write while other rows are deleted, in this order.
LAST = ("event", "services_change", "pghistory_context")


@pytest.fixture(autouse=True, scope="session")
def _tables_are_emptied_row_by_row() -> Iterator[None]:
    """After a test that commits. To truncate a hundred tables, nearly all empty, takes a second."""
    usual = DatabaseOperations.sql_flush

    def sql_flush(
        ops: Any, style: Any, tables: Any, *, reset_sequences: bool = False, **more: Any
    ) -> list[str]:
        if reset_sequences:
            return usual(ops, style, tables, reset_sequences=True, **more)
        filled = [table for table in tables if _has_rows(ops.connection, table)]
        filled.sort(key=lambda table: [table.endswith(word) for word in LAST[::-1]])
        return [f'DELETE FROM "{table}"' for table in filled]  # noqa: S608 - names of ours

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


def _has_rows(connection: Any, table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')  # noqa: S608 - a name of ours
        return bool(cursor.fetchone()[0])
