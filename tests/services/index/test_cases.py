"""Wishes for an open door and for what is free: nothing is missed, and little is looked at."""

import dataclasses
import datetime as dt
import itertools
import random
from collections import Counter
from typing import Any

import numpy as np
import pytest

from services.hours import Schedule
from services.index import Query, SearchIndex, walk
from services.index.asking import ask_of
from services.index.columns import STATES
from services.index.hits import Hit
from services.listing import ListedService
from services.vocabulary import Availability, HoursType, Kind
from tests.listed import AREAS, NOW, ZONES, a_listed_service, a_word

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


def work_of(index: SearchIndex, query: Query, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often a walk through the tree measures the way to nodes and services, and weighs these.

    It runs uncompiled, and keeps nothing of what it weighs.
    """
    work, standing, wanted = (
        Counter[str](),
        index._standing(query.at, index._shelving.schedules.openings(query.at)),
        index._wanted(query),
    )
    rows, tree = standing.shelves.rows, standing.shelves.tree
    shelves = standing.shelves._replace(
        rows=rows.view(np.recarray), tree=tree._replace(nodes=tree.nodes.view(np.recarray))
    )

    def counted(name: str, told: str, does: Any) -> None:
        def count(*arguments: Any) -> Any:
            work[told] += 1
            return does(*arguments)

        patched.setattr(walk, name, count)

    with monkeypatch.context() as patched:
        counted("box_m", "nodes", walk.box_m.py_func)
        counted("spot_m", "services", walk.spot_m.py_func)
        counted("_weigh", "weighed", lambda *arguments: arguments[-1])
        patched.setattr(walk, "_weigh_elsewhere", lambda *arguments: arguments[-1])
        for name in (
            "share_of",
            "none_yet",
            "bar_of",
            "_slot_minutes",
            "_node_minutes",
            "_look_into",
            "_weigh_cheapest",
            "facts_match",
            "facts_may_match",
        ):
            patched.setattr(walk, name, getattr(walk, name).py_func)
        walk.walk.py_func(
            shelves,
            standing.outlook,
            wanted.areas,
            ask_of(query),
            standing.zone_chance,
            standing.openings,
            wanted.limit,
        )
    return work


def packed(services: list[ListedService]) -> SearchIndex:
    index = SearchIndex(NOW)
    index.put(services)
    index.pack(NOW)
    return index


def test_what_nobody_knows_costs_a_strict_search_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    word = a_word(random.Random(0))._replace(state=Availability.UNKNOWN, closed_until=None)
    index = packed([service._replace(word=word) for service in services_with_hours(0.0)])
    for wishes, later in itertools.product(WISHES, LATER):
        if wishes["strict"] and (wishes["open_now"] or wishes["available_only"]):
            query = a_query(at=NOW + later, **wishes)
            assert work_of(index, query, monkeypatch) == {}


def test_a_strict_search_measures_the_way_to_those_alone_that_may_meet_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    services = services_with_hours(0.01)
    index, known = packed(services), sum(bool(service.schedules) for service in services)
    for later in LATER:
        query = a_query(at=NOW + later, open_now=True, strict=True)
        work = work_of(index, query, monkeypatch)
        assert 0 < work["weighed"] <= work["services"] <= known
        assert work["nodes"] < MANY / 10


def test_at_night_known_doors_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """By any search for open doors, in the minutes looked ahead to."""
    night = NOW - dt.timedelta(hours=9)
    rule: dict[str, Schedule | None] = {
        HoursType.OPEN: Schedule("Mo-Fr 09:00-17:00", ZONES[0], "US")
    }
    index = packed([service._replace(schedules=rule) for service in services_with_hours(1.0)])
    index.move_to(night)
    assert work_of(index, a_query(at=night, open_now=True), monkeypatch) == {}
    assert work_of(index, a_query(at=night), monkeypatch)["weighed"] > 0


def test_nothing_beyond_the_distance_is_weighed(monkeypatch: pytest.MonkeyPatch) -> None:
    services = services_with_hours(1.0)
    index, lat_lon = packed(services), next(each.point for each in services if each.point)
    at_sea = work_of(index, a_query(max_km=0.001, lat=0.0, lon=-140.0), monkeypatch)
    assert at_sea["services"] == at_sea["weighed"] == 0
    lat, lon = lat_lon
    there = work_of(index, a_query(max_km=0.001, lat=lat, lon=lon), monkeypatch)
    assert there["weighed"] == 1
