"""A database that does not answer is given up, and asked by one thread at a time."""

import threading
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from services.postgis.base import Watch, watches
from services.postgis.patience import ServerSilentError, limit, usual, waiting_for

SILENT = "SELECT pg_sleep(2)"  # the server goes on with it alone


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """As in a web process: threads wait with a limit."""
    monkeypatch.setattr(usual, "seconds", 5.0)
    made = Watch()
    monkeypatch.setitem(watches, "default", made)
    return made


@pytest.mark.django_db(transaction=True)
def test_a_statement_without_an_answer_is_given_up_with_its_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        with waiting_for(0.1), pytest.raises(OperationalError) as told:
            cursor.execute(SILENT)
    assert isinstance(told.value.__cause__, ServerSilentError)
    assert connection.connection.closed
    connection.close()
    with connection.cursor() as cursor:  # the next request gets another
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_whoever_has_no_limit_waits() -> None:
    assert limit() is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.2)")


def test_a_limit_is_the_threads_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usual, "seconds", 3.0)
    seen = []
    with waiting_for(None):
        other = threading.Thread(target=lambda: seen.append(limit()))
        other.start()
        other.join()
        assert limit() is None
    assert (seen, limit()) == ([3.0], 3.0)


def fails(watch: Watch) -> None:
    with pytest.raises(psycopg.OperationalError), watch.asking():
        raise psycopg.OperationalError


@pytest.mark.django_db(transaction=True)
def test_while_it_is_away_one_asks_and_the_others_do_not_wait(watch: Watch) -> None:
    fails(watch)
    assert watch.is_away
    with watch.asking():
        told: list[Any] = []

        def another() -> None:
            try:
                connection.ensure_connection()
            except OperationalError as error:
                told.append(str(error))
            finally:
                connection.close()

        thread = threading.Thread(target=another)
        thread.start()
        thread.join()
        assert told == ["the database did not answer just now"]
    assert not watch.is_away


def test_it_may_be_asked_again_after_the_one_who_asked_failed(watch: Watch) -> None:
    fails(watch)
    fails(watch)
    with watch.asking():
        pass
    with watch.asking(), watch.asking():  # it is back: many at once
        assert not watch.is_away


def test_any_other_error_does_not_count(watch: Watch) -> None:
    with pytest.raises(ValueError, match="ours"), watch.asking():
        raise ValueError("ours")
    assert not watch.is_away
