"""Who acts is told in time, and forgotten in time."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import ProgrammingError, connection, connections, transaction
from psycopg.errors import FeatureNotSupported

from services.acting import (
    NOBODY,
    SYSTEM,
    Acting,
    acting,
    acting_as,
    as_nobody,
    as_the_system,
    on_the_same_behalf,
    recognised_account,
)
from services.models import ReportingPlan
from services.walls import ROLE, WALLED
from tests.services.walls.victim import Victim, acting_for

WHO = "SELECT current_user, current_setting('locator.acting', true)"


def who(on: Any = None) -> tuple[str, str]:
    """Who PostgreSQL takes us for."""
    with (on or connection).cursor() as cursor:
        cursor.execute(WHO)
        role, words = cursor.fetchone()
    return role, words or ""


@pytest.fixture
def web() -> Iterator[Any]:
    """A connection as a web process has it, from a pool of one."""
    default = connections["default"]
    settings = default.settings_dict
    options = settings["OPTIONS"]
    pool = options["pool"] | {"max_size": 1}
    walled = settings | {"OPTIONS": options | {"options": WALLED, "pool": pool}}
    ours = type(default)(walled, alias="web")
    connections["web"] = ours
    yield ours
    ours.close()
    ours.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's
    del connections["web"]


@pytest.mark.django_db(transaction=True)
class TestOutsideATransaction:
    def test_each_statement_is_told(self) -> None:
        account = Acting("account 7")
        with acting_as(account):
            assert who() == (ROLE, "account 7")
            with as_the_system():
                assert who()[0] != ROLE
            with as_nobody():
                assert who() == (ROLE, "")
        assert who()[0] != ROLE

    def test_nothing_is_left_on_the_connection(self) -> None:
        with acting_as(Acting("account 7")):
            who()
            told = connection.connection.execute(WHO).fetchone()
        assert told[0] != ROLE
        assert not told[1]

    def test_nor_after_an_error(self) -> None:
        with acting_as(Acting("account 7")), pytest.raises(ProgrammingError):
            connection.cursor().execute("SELECT nonsense")
        assert not connection.connection.execute(WHO).fetchone()[1]
        assert who()[0] != ROLE

    def test_rows_come_in_portions_too(self) -> None:
        victim = Victim()
        with acting_as(acting_for(victim.admin)):
            assert len(list(ReportingPlan.objects.iterator(chunk_size=1))) == 1
        with as_nobody():
            assert list(ReportingPlan.objects.iterator(chunk_size=1)) == []


@pytest.mark.django_db
class TestInATransaction:
    def test_each_block_is_told(self) -> None:
        with acting_as(Acting("account 7")), transaction.atomic():
            assert who() == (ROLE, "account 7")
            with as_the_system():
                assert who()[0] != ROLE
            assert who() == (ROLE, "account 7")

    def test_a_savepoint_that_is_rolled_back_takes_no_telling_with_it(self) -> None:
        with acting_as(Acting("account 7")):
            with pytest.raises(ProgrammingError), transaction.atomic(), as_the_system():
                connection.cursor().execute("SELECT nonsense")
            assert who() == (ROLE, "account 7")
            with transaction.atomic():
                with as_the_system():
                    who()
                transaction.set_rollback(True)
            assert who() == (ROLE, "account 7")


@pytest.mark.django_db(transaction=True)
class TestAWebProcess:
    def test_is_nobody_before_anything_is_told(self, web: Any) -> None:
        with as_nobody():
            assert who(web) == (ROLE, "")
        assert web.connection.execute(WHO).fetchone() == (ROLE, None)  # not by way of Django either

    def test_hands_no_telling_on_with_a_pooled_connection(self, web: Any) -> None:
        with acting_as(Acting("account 7")):
            assert who(web) == (ROLE, "account 7")
            with transaction.atomic(using="web"):
                assert who(web) == (ROLE, "account 7")
            backend = web.connection.info.backend_pid
            web.close()  # back to the pool
        with acting_as(NOBODY):
            assert who(web) == (ROLE, "")
            assert web.connection.info.backend_pid == backend
            assert web.connection.execute(WHO).fetchone()[0] == ROLE
            assert not web.connection.execute(WHO).fetchone()[1]

    def test_can_do_the_systems_work(self, web: Any) -> None:
        with acting_as(SYSTEM):
            assert who(web)[0] == web.connection.info.user
        with as_nobody():
            assert who(web) == (ROLE, "")

    def test_copies_nothing_in_or_out_that_is_walled(self, web: Any) -> None:
        Victim()
        with as_nobody(), web.cursor() as cursor:
            with cursor.copy("COPY services_reportingplan TO STDOUT") as copy:
                assert list(copy) == []
            copying_in = cursor.copy("COPY services_reportingplan FROM STDIN")
            with pytest.raises(FeatureNotSupported, match="row-level security"), copying_in:
                pass


def test_settings_ask_for_that_role() -> None:
    assert f"-c role={ROLE}" == WALLED


def test_what_is_recognised_ends_with_the_request() -> None:
    with as_nobody():
        recognised_account(7)
        pieces = on_the_same_behalf(str(n).encode() for n in range(2))
        assert next(pieces) == b"0"

    assert acting() == SYSTEM


def test_an_answer_is_made_for_whom_it_was_begun() -> None:

    def words() -> Iterator[bytes]:
        yield acting().words.encode()
        yield acting().words.encode()

    with as_nobody():
        recognised_account(7)
        pieces = on_the_same_behalf(words())
        first = next(pieces)
    assert [first, *pieces] == [b"account 7", b"account 7"]


def test_a_command_stays_the_system_when_it_recognises_somebody() -> None:

    recognised_account(7)
    assert acting() == SYSTEM
