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
from services.told import Word
from services.vocabulary import ACCESS_FACTS, Availability, HoursType, Kind, low_barrier

NOW = dt.datetime(2026, 11, 23, 16, 59, tzinfo=dt.UTC)  # a minute before noon in Philadelphia
MANY = 2_500  # almost five neighbourhoods
ZONES = ("America/New_York", "America/Denver")
AREAS = (("US", "PA"), ("US", "NJ"), ("US", ""))
RULES = ("24/7", "Mo-Fr 09:00-17:00", "Mo 12:00-12:10", "Sa,Su 22:00-23:00")


def a_word(dice: random.Random) -> Word:
    state = dice.choice(list(Availability))
    at = NOW - dt.timedelta(hours=dice.uniform(0, 60))
    closed = dice.random() < 0.1
    return Word(
        state=state,
        remaining=dice.choice([None, 0, 4]),
        wait_days=None,
        note="",
        as_of=at,
        expires_at=at + dt.timedelta(hours=dice.choice([1, 24, 72])),
        reported_by="clinic_staff",
        disputed=False,
        evidence_for=dice.choice([0.0, 0.5, 8.0]),
        evidence_against=dice.choice([0.0, 3.0, 9.0]),
        evidence_at=at,
        closed_at=at if closed else None,
        closed_until=NOW + dt.timedelta(minutes=dice.uniform(-5, 60)) if closed else None,
        closed_by="clinic_staff" if closed else "",
        long_run_chance=dice.choice([None, 0.1, 0.9]),
    )


def a_service(dice: random.Random) -> ListedService:
    remote, on_map = dice.random() < 0.02, dice.random() < 0.95
    zone, rule = dice.choice(ZONES), dice.choice([None, *RULES])
    spread = dice.choice([0.05, 1.0, 5.0])
    point = (39.95 + dice.gauss(0, spread), -75.17 + dice.gauss(0, spread))
    access = {fact: dice.random() < 0.5 for fact in dice.sample(list(ACCESS_FACTS), 3)}
    return ListedService(
        id=uuid.UUID(int=dice.getrandbits(128)),
        kind=dice.choice(list(Kind)),
        point=point if on_map and not remote else None,
        area=None if on_map and not remote else dice.choice(AREAS),
        remote=remote,
        time_zone=zone,
        access=access,
        properties={"organization": "o", "organization_id": "1", "site": {"name": "s"}}
        | {"name": "n", "confirmed_at": None}
        | {"access": access | {"low_barrier": low_barrier(access)}},
        windows={},
        schedules={} if rule is None else {HoursType.OPEN: Schedule(rule, zone, "US")},
        word=a_word(dice),
    )


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
    return [a_service(dice) for _ in range(MANY)]


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
    changed = [a_service(dice) for _ in range(300)] + services[MANY // 2 :]
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
        index.put([a_service(dice)._replace(id=id_, schedules=schedules)])
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
        index.put([a_service(writing) for _ in range(70)])
        index.remove([services[step].id])
        if step % 10 == 9:
            index.pack(NOW)
        index.move_to(NOW + dt.timedelta(minutes=step))
    done.set()
    for thread in threads:
        thread.join()
    assert not broken
