"""Searches about other days: worked out beside all others, few at a time."""

import datetime as dt
import random
import threading
from typing import Any

import pytest

from services.index import BusyError, Query, SearchIndex
from services.index import openings as module
from services.index.openings import MOST_WAITING, OTHER_DAYS_KEPT
from services.vocabulary import Kind
from tests.listed import NOW, a_listed_service


def about(days: int) -> Query:
    return Query(39.95, -75.17, at=NOW + dt.timedelta(days=days), kinds=tuple(Kind), limit=1)


@pytest.fixture
def index() -> SearchIndex:
    dice = random.Random(3)
    found = SearchIndex(NOW)
    found.put([a_listed_service(dice) for _ in range(50)])
    found.find(about(0))  # compiled
    return found


def test_no_search_holds_others_up_while_its_day_is_worked_out(
    index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    usual = module._piece

    def piece(*args: Any) -> Any:
        seen.append(index._lock.locked())
        return usual(*args)

    monkeypatch.setattr(module, "_piece", piece)
    for day in range(40, 40 + 2 * OTHER_DAYS_KEPT):
        index.find(about(day))
    usual_openings = type(index._shelving.schedules).openings

    def others_come_first(schedules: Any, at: dt.datetime) -> Any:
        found = usual_openings(schedules, at)
        schedules._other_days.clear()  # so many asked about other days meanwhile
        return found

    monkeypatch.setattr(type(index._shelving.schedules), "openings", others_come_first)
    index.find(about(60))
    assert seen
    assert not any(seen)


def test_those_beyond_a_few_are_told_to_come_back(
    index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()
    usual = module._piece

    def piece(*args: Any) -> Any:
        assert goes_on.wait(60)
        return usual(*args)

    monkeypatch.setattr(module, "_piece", piece)
    schedules = index._shelving.schedules
    days = range(40, 40 + MOST_WAITING)
    threads = [threading.Thread(target=index.find, args=(about(day),)) for day in days]
    for thread in threads:
        thread.start()
    while schedules._seats.acquire(blocking=False):  # until all have their seat
        schedules._seats.release()
    with pytest.raises(BusyError):
        index.find(about(99))
    assert index.find(about(0))
    goes_on.set()
    for thread in threads:
        thread.join()
    assert index.find(about(99))
