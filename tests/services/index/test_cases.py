"""Wishes for an open door and for what is free: nothing is missed, and little is looked at."""

import dataclasses
import datetime as dt
import itertools
import random
from typing import Any

import pytest

from services.hours import Schedule
from services.index import Query, SearchIndex
from services.index.columns import STATES
from services.index.hits import Hit
from services.listing import ListedService
from services.vocabulary import Availability, HoursType, Kind
from tests.listed import AREAS, NOW, ZONES, a_listed_service, a_word
from tests.services.index.work import walked

MANY = 1_500  # three neighbourhoods
WISHES: list[dict[str, Any]] = [
    {"open_now": open_now, "available_only": available_only, "strict": strict}
    for open_now, available_only, strict in itertools.product((False, True), repeat=3)
]
LATER = [dt.timedelta(minutes=minutes) for minutes in (0, 0.5, 2.9, 45, 60 * 24 * 30)]


def services_with_hours(share: float) -> list[ListedService]:
    """Services of which this share has known hours."""
    dice = random.Random(11)
    made = [a_listed_service(dice) for _ in range(MANY)]
    return [
        service if dice.random() < share else service._replace(schedules={}) for service in made
    ]


def index_of(services: list[ListedService]) -> SearchIndex:
    """Most of them packed, some put in later, some changed in place."""
    index = SearchIndex(NOW)
    index.put(services[:-200])
    index.pack(NOW)
    index.put(services[-200:])
    dice = random.Random(12)
    for service in services[:100]:
        other = a_listed_service(dice)
        index.put([service._replace(word=other.word, schedules=other.schedules)])
    return index


def a_query(**asked: Any) -> Query:
    usual: dict[str, Any] = {"lat": 39.95, "lon": -75.17, "at": NOW, "kinds": tuple(Kind)}
    return Query(**usual | {"areas": frozenset(AREAS)} | asked)


def meets(hit: Hit, row: Any, query: Query) -> bool:
    """The filters by the words of the API, from what is told of a service."""
    at, answers = query.at.timestamp(), list[bool | None]()
    state = STATES[row["state"]] if at < row["expires_at"] else Availability.UNKNOWN
    if at < row["closed_until"]:
        state = Availability.CLOSED_TEMPORARILY
    if query.available_only and query.words_too_old:
        answers.append(None)
    elif query.available_only:
        left = state in (Availability.AVAILABLE, Availability.LIMITED)
        answers.append(None if state == Availability.UNKNOWN else left)
    if query.open_now:
        closed = state == Availability.CLOSED_TEMPORARILY
        unknown = hit.door.state == "unknown" and not closed
        answers.append(None if unknown else hit.door.state == "open" and not closed)
    return all(answer or (answer is None and not query.strict) for answer in answers)


@pytest.mark.parametrize("share", [0.0, 0.01, 1.0])
def test_the_wishes_leave_what_meets_them_in_the_same_order(share: float) -> None:
    index = index_of(services_with_hours(share))
    for later, words_too_old in itertools.product(LATER, (False, True)):
        at = NOW + later
        plain = a_query(at=at, limit=2 * MANY, words_too_old=words_too_old)
        everything = index.find(plain)
        pairs = list(zip(everything, everything.rows, strict=True))
        for wishes in WISHES:
            query = dataclasses.replace(plain, **wishes)
            expected = [hit.id for hit, row in pairs if meets(hit, row, query)]
            assert [hit.id for hit in index.find(query)] == expected
            first = index.find(dataclasses.replace(query, limit=20))
            assert [hit.id for hit in first] == expected[:20]


def packed(services: list[ListedService]) -> SearchIndex:
    index = SearchIndex(NOW)
    index.put(services)
    index.pack(NOW)
    return index


def test_what_nobody_knows_costs_a_strict_search_nothing() -> None:
    word = a_word(random.Random(0))._replace(state=Availability.UNKNOWN, closed_until=None)
    index = packed([service._replace(word=word) for service in services_with_hours(0.0)])
    for wishes, later in itertools.product(WISHES, LATER):
        if wishes["strict"] and (wishes["open_now"] or wishes["available_only"]):
            query = a_query(at=NOW + later, **wishes)
            assert walked(index, query)[1] == {}


def test_a_strict_search_measures_the_way_to_those_alone_that_may_meet_it() -> None:
    services = services_with_hours(0.01)
    index, known = packed(services), sum(bool(service.schedules) for service in services)
    for later in LATER:
        query = a_query(at=NOW + later, open_now=True, strict=True)
        work = walked(index, query)[1]
        assert 0 < work["weighed"] <= work["services"] <= known
        assert work["nodes"] < MANY / 10


def test_no_more_are_weighed_than_are_found_and_those_that_cost_as_much() -> None:
    index = packed(services_with_hours(1.0))
    for limit in (1, 20, 100):
        slots, work = walked(index, a_query(areas=frozenset(), limit=limit))
        assert len(slots) == limit <= work["weighed"] <= 1.25 * limit + 3
        assert work["leaves"] < work["services"] / 4


def test_a_walk_whose_room_grows_finds_the_same() -> None:
    index = packed(services_with_hours(0.5))
    for strict in (False, True):
        query = a_query(areas=frozenset(), limit=300, open_now=True, strict=strict)
        wide, narrow = walked(index, query)[0], walked(index, query, ROOM=64, LEAVES=1)[0]
        assert wide.tolist() == narrow.tolist()
        ids = [hit.id for hit in index.find(query)]
        assert [index._shelving.slot_of(id_) for id_ in ids] == narrow.tolist()


def test_at_night_known_doors_are_passed_over() -> None:
    """By any search for open doors, in the minutes looked ahead to."""
    night = NOW - dt.timedelta(hours=9)
    rule: dict[str, Schedule | None] = {
        HoursType.OPEN: Schedule("Mo-Fr 09:00-17:00", ZONES[0], "US")
    }
    index = packed([service._replace(schedules=rule) for service in services_with_hours(1.0)])
    index.move_to(night)
    assert walked(index, a_query(at=night, open_now=True))[1] == {}
    assert walked(index, a_query(at=night))[1]["weighed"] > 0


def test_nothing_beyond_the_distance_is_weighed() -> None:
    services = services_with_hours(1.0)
    index, lat_lon = packed(services), next(each.point for each in services if each.point)
    at_sea = walked(index, a_query(max_km=0.001, lat=0.0, lon=-140.0))[1]
    assert at_sea["services"] == at_sea["weighed"] == 0
    lat, lon = lat_lon
    there = walked(index, a_query(max_km=0.001, lat=lat, lon=lon))[1]
    assert there["weighed"] == 1
