"""Compiled code tells of services what the listing tells, at any time, to the last character."""

import datetime as dt
import json
import random
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import orjson
import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from services.compiled import compiled
from services.index import live_index
from services.index.writing import civil_date, put_count, put_decimal, put_id, put_time
from services.listing import listed_services
from services.models import Service
from services.vocabulary import Availability, Delivery, Kind, Reporter, Visibility
from tests.builders import a_closing, a_record_of, a_report, a_service, a_site

HOURS = ["", "24/7", "Mo-Fr 09:00-17:00", "Mo-Su 22:00-02:00", "Mo 09:00-09:30; PH off", "off"]
ZONES = ["America/New_York", "America/St_Johns", "Asia/Kathmandu", "Etc/GMT-14", "America/Denver"]
NOTES = ["", 'two "quiet" beds', "naïve — ✓ 🙂", "\\ back"]


@compiled
def decimal(out: Any, number: float, places: int) -> int:
    return put_decimal(out, 0, number, places)


@compiled
def count(out: Any, number: int) -> int:
    return put_count(out, 0, number)


@compiled
def time_(out: Any, seconds: float, offset: float) -> int:
    return put_time(out, 0, seconds, offset)


@compiled
def id_(out: Any, high: Any, low: Any) -> int:
    return put_id(out, 0, high, low)


def written(function: Any, *values: Any) -> Any:
    out = np.zeros(64, np.uint8)
    return json.loads(out[: function(out, *values)].tobytes())


@settings(deadline=None)  # the first call compiles
@given(st.floats(0, 1e6), st.integers(1, 4))
def test_numbers_are_rounded_to_so_many_decimals(number: float, places: int) -> None:
    told = written(decimal, number, places)
    assert abs(told - number) <= 0.5 * 10**-places + 1e-9
    assert round(told, places) == told


@pytest.mark.parametrize(
    ("number", "places", "text"),
    [
        (0.0, 1, "0.0"),
        (4.25, 1, "4.2"),
        (0.85, 4, "0.85"),
        (1.0, 4, "1.0"),
        (108_000.04, 1, "108000.0"),
    ],
)
def test_no_more_digits_than_needed(number: float, places: int, text: str) -> None:
    out = np.zeros(32, np.uint8)
    assert out[: decimal(out, number, places)].tobytes().decode() == text


def test_a_count_that_is_none_is_null() -> None:
    assert [written(count, number) for number in (-1, 0, 7, 10, 12_345)] == [None, 0, 7, 10, 12_345]


@settings(deadline=None)  # the first call compiles
@given(st.integers(10**13, 4 * 10**15), st.sampled_from(ZONES))
def test_times_are_those_of_the_places_clock(microseconds: int, zone: str) -> None:
    moment = dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=microseconds)
    local = moment.astimezone(ZoneInfo(zone))
    offset = local.utcoffset()
    assert offset is not None
    assert written(time_, local.timestamp(), offset.total_seconds()) == local.isoformat()


def test_no_time_is_null() -> None:
    assert written(time_, 0.0, 0.0) is None


@settings(deadline=None)  # the first call compiles
@given(st.dates(dt.date(1600, 1, 1), dt.date(2400, 1, 1)))
def test_days_are_those_of_the_calendar(day: dt.date) -> None:
    days = (day - dt.date(1970, 1, 1)).days
    assert civil_date(days) == (day.year, day.month, day.day)


@settings(deadline=None)  # the first call compiles
@given(st.uuids())
def test_ids_are_written_with_dashes(own: uuid.UUID) -> None:
    halves = np.uint64(own.int >> 64), np.uint64(own.int & (2**64 - 1))
    assert written(id_, *halves) == str(own)


def any_site(dice: random.Random) -> Any:
    more: dict[str, Any] = dice.choice(
        [
            {},
            {},
            {"visibility": Visibility.APPROXIMATE},
            {"visibility": Visibility.PHONE_ONLY},
            {"delivery": Delivery.REMOTE},
        ]
    )
    name = dice.choice(["Clinic", 'The "Door"', "Maison d’été ✓"])
    return a_site(time_zone=dice.choice(ZONES), name=name, website="https://a.example/", **more)


def any_service(dice: random.Random) -> Service:
    now = timezone.now()
    service = a_service(
        any_site(dice),
        dice.choice(list(Kind)),
        hours=dice.choice(HOURS),
        access=dice.choice([{}, {"walk_in": True, "id_required": False}]),
        name=dice.choice(["", "A program"]),
        confirmed_at=dice.choice([None, now - dt.timedelta(days=1)]),
        languages=dice.choice([[], ["es", "fr"]]),
    )
    if dice.random() < 0.3:
        service.hours.create(type="dosing", rule="Mo-Sa 05:30-10:00", verbatim="early")
    if dice.random() < 0.3:
        a_record_of(service, "toronto-2016")
    if dice.random() < 0.7:
        state = dice.choice([s for s in Availability if s != Availability.UNKNOWN])
        counts: dict[str, Any] = {"remaining": 3} if state == Availability.AVAILABLE else {}
        if state == Availability.WAITLIST:
            counts = {"wait_days": 12}
        ago, reporter = dt.timedelta(hours=dice.uniform(0, 90)), dice.choice(list(Reporter)[:3])
        a_report(service, state, ago=ago, reporter=reporter, note=dice.choice(NOTES), **counts)
    if dice.random() < 0.3:
        a_closing(service, days=dice.choice([0.1, 3]))
    return service


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_what_compiled_code_tells_is_what_the_listing_tells(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(40):
        any_service(dice)
    live_index.load()
    listed = {service.id: service for service in listed_services()}
    assert len(listed) == 40
    for hours in (0, 1, 7.3, 25, 24 * 9):
        at = timezone.now() + dt.timedelta(hours=hours)
        told = live_index.index.tell(listed, at)
        for id_, service in listed.items():
            single = orjson.loads(orjson.dumps(service.as_feature(at)))
            assert orjson.loads(told[id_] + b"}}") == single
