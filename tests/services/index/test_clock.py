"""An index moves on with the time while its database is away, or hangs."""

import datetime as dt
import gc
import threading

import pytest
from django.db import OperationalError, connection
from time_machine import TimeMachineFixture

from services.index import clock, follower, following, live_index
from services.index.outlooks import Outlooks
from services.index.search_index import SearchIndex
from tests.builders import a_service
from tests.services.index.test_live import going, until

pytestmark = pytest.mark.django_db(transaction=True)

NOW = dt.datetime(2026, 11, 24, 15, tzinfo=dt.UTC)
EVERY_S = clock.EVERY_S  # as it is outside tests
DAYS_LATER = NOW + dt.timedelta(days=3)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "EVERY_S", 0.01)
    monkeypatch.setattr(follower, "RETRY_SECONDS", 0.01)


@pytest.fixture
def loaded(time_machine: TimeMachineFixture) -> None:
    """An index of NOW."""
    time_machine.move_to(NOW, tick=False)
    a_service()
    live_index.load()


def looks_ahead() -> bool:
    """Whether the bounds for the next minutes hold now, with openings of these days."""
    index = live_index.index
    return not index._outlooks.is_old(DAYS_LATER) and (
        index._shelving.schedules.openings(DAYS_LATER) is index._shelving.schedules.current
    )


@pytest.mark.usefixtures("loaded")
def test_while_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch, time_machine: TimeMachineFixture
) -> None:
    asked = []

    def away() -> str:
        asked.append(True)
        raise OperationalError

    monkeypatch.setattr(following, "lineage", away)
    with going(follower.start_following):
        until(lambda: len(asked) > 1)
        assert not looks_ahead()
        time_machine.move_to(DAYS_LATER, tick=False)
        until(looks_ahead)


@pytest.mark.usefixtures("loaded")
def test_while_the_database_hangs(time_machine: TimeMachineFixture) -> None:
    with going(clock.keep_time), live_index._writing:  # the follower has it while it waits
        assert not looks_ahead()
        time_machine.move_to(DAYS_LATER, tick=False)
        until(looks_ahead)


@pytest.mark.usefixtures("loaded")
def test_what_fails_once_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, time_machine: TimeMachineFixture
) -> None:
    failed, move_to = list[bool](), SearchIndex.move_to

    def fails_first(index: SearchIndex, now: dt.datetime) -> None:
        if not failed:
            failed.append(True)
            raise ZeroDivisionError
        move_to(index, now)

    monkeypatch.setattr(SearchIndex, "move_to", fails_first)
    time_machine.move_to(DAYS_LATER, tick=False)
    with going(clock.keep_time):
        until(looks_ahead)
    assert failed


def test_nothing_happens_before_there_is_an_index() -> None:
    live_index.move_on()
    assert not live_index.is_ready


def test_an_outlook_is_renewed_long_before_it_ends() -> None:
    assert Outlooks.RENEWED + 10 * dt.timedelta(seconds=EVERY_S) < Outlooks.SPAN


def test_cycles_are_looked_for_after_all_if_the_database_hangs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    live_index.load()
    monkeypatch.setattr("services.index.garbage.LONGEST_S", 0.0)
    catching_up, goes_on = threading.Event(), threading.Event()

    def hangs() -> str:
        catching_up.set()
        goes_on.wait(10)
        raise OperationalError

    monkeypatch.setattr("services.index.following.Following._unread", lambda *_: hangs())

    def catches_up() -> None:
        try:
            with pytest.raises(OperationalError):
                live_index.catch_up()
        finally:
            connection.close()

    caught = threading.Thread(target=catches_up)
    with going(clock.keep_time):
        caught.start()
        catching_up.wait(10)
        until(gc.isenabled)
        goes_on.set()
        caught.join()
    assert gc.isenabled()
