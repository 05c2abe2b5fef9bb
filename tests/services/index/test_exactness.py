"""What is packed, in a tree of several neighbourhoods, ranks as what stands loose, one by one."""

import datetime as dt
import random
import threading
import uuid
from typing import Any

import orjson
import pytest

from services.hours import Schedule
from services.index import Query, SearchIndex
from services.listing import ListedService
from services.vocabulary import ACCESS_FACTS, HoursType, Kind
from tests.listed import AREAS, NOW, ZONES, a_listed_service

MANY = 2_500  # almost five neighbourhoods


def a_query(dice: random.Random) -> Query:
    lat, lon = 39.95 + dice.gauss(0, 1), -75.17 + dice.gauss(0, 1)
    more: dict[str, Any] = {}
    if dice.random() < 0.3:
        more["box"] = (lat - 0.3, lon - 0.3, lat + 0.4, lon + 0.4)
    return Query(
        lat,
        lon,
        at=NOW + dt.timedelta(minutes=dice.choice([0, 1, 2.9, 45, 60 * 24 * 30])),
        kinds=tuple(dice.sample(list(Kind), dice.choice([1, 2, len(Kind)]))),
        mode=dice.choice(["walk", "transit", "drive"]),
        areas=frozenset(dice.sample(AREAS, dice.randint(0, 3))),
        open_now=dice.random() < 0.3,
        available_only=dice.random() < 0.3,
        max_km=dice.choice([None, None, 5, 200]),
        access=dice.choice([{}, {}, {dice.choice(list(ACCESS_FACTS)): dice.random() < 0.5}]),
        strict=dice.random() < 0.3,
        limit=dice.choice([1, 20, 100]),
        companions=((Kind.DETOX, Kind.NALOXONE),),
        **more,
    )


def ranked(index: SearchIndex, query: Query) -> list[tuple[object, ...]]:
    found = index.find(query)
    return [(hit.id, hit.expected_minutes, hit.distance_m, hit.unmet) for hit in found]


@pytest.fixture(scope="module")
def services() -> list[ListedService]:
    dice = random.Random(5)
    return [a_listed_service(dice) for _ in range(MANY)]


@pytest.fixture(scope="module")
def loose(services: list[ListedService]) -> SearchIndex:
    index = SearchIndex(NOW)
    index.put(services)
    return index


def test_a_tree_ranks_as_a_look_at_each(services: list[ListedService], loose: SearchIndex) -> None:
    packed = SearchIndex(NOW)
    packed.put(services)
    packed.pack(NOW)
    dice = random.Random(6)
    for _ in range(300):
        query = a_query(dice)
        assert ranked(packed, query) == ranked(loose, query)
        pages = [index.page(query, 1, query.limit) for index in (packed, loose)]
        assert pages[0].features.tobytes() == pages[1].features.tobytes()


def test_so_it_does_half_way_through_changes(services: list[ListedService]) -> None:
    """Buried, changed in place, moved, of another area or zone than any when it was packed."""
    dice = random.Random(7)
    half, new = services[: MANY // 2], SearchIndex(NOW)
    new.put(half)
    new.pack(NOW)
    changed = [a_listed_service(dice) for _ in range(300)] + services[MANY // 2 :]
    new.put(changed)
    new.remove([service.id for service in half[:400]])
    fresh = SearchIndex(NOW)
    fresh.put([*half[400:], *changed])
    for _ in range(150):
        query = a_query(dice)
        assert ranked(new, query) == ranked(fresh, query)


def test_packing_forgets_what_nothing_names() -> None:
    dice = random.Random(8)
    index, id_ = SearchIndex(NOW), uuid.uuid4()
    rules = [f"Mo-Fr 09:{minute:02d}-17:00" for minute in range(30)]
    for rule in rules:
        schedules: dict[str, Schedule | None] = {HoursType.OPEN: Schedule(rule, ZONES[0], "US")}
        index.put([a_listed_service(dice)._replace(id=id_, schedules=schedules)])
    packed = index.packed(NOW)
    assert [schedule.rule for schedule in packed.known.schedules] == rules[-1:]
    assert packed.texts.count < 10


def test_searches_beside_a_writer_are_whole(services: list[ListedService]) -> None:
    index, dice = SearchIndex(NOW), random.Random(9)
    index.put(services)
    index.pack(NOW)
    done, broken = threading.Event(), list[str]()

    def search() -> None:
        while not done.is_set():
            query = a_query(dice)
            page = index.page(query, 1, query.limit)
            features = orjson.loads(b"[" + page.features.tobytes() + b"]")
            minutes = [feature["properties"]["expected_minutes"] for feature in features]
            if minutes != sorted(minutes) or len(features) > query.limit:
                broken.append("order")

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    writing = random.Random(10)
    for step in range(30):
        index.put([a_listed_service(writing) for _ in range(70)])
        index.remove([services[step].id])
        if step % 10 == 9:
            index.pack(NOW)
        index.move_to(NOW + dt.timedelta(minutes=step))
    done.set()
    for thread in threads:
        thread.join()
    assert not broken
