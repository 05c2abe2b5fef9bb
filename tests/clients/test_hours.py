"""Hours of a pack: midnight, both changes of the clocks, and what lies outside the pack's days."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from locator_offline.hours import Opening, Schedule, Zone, day_number, door_state, joined

WEEK = ((),) * 7
NEW_YORK = Zone("America/New_York", (0, 1793512800, 1805007600), (-240, -300, -240))
ST_JOHNS = Zone("America/St_Johns", (0, 1793507400, 1805002200), (-150, -210, -150))


def at(text: str, zone: str = "America/New_York", fold: int = 0) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


def schedule(zone: Zone = NEW_YORK, week: Any = WEEK, **days: Any) -> Schedule:
    special = {day_number(day.replace("_", "-").strip("d")): told for day, told in days.items()}
    return Schedule(zone, week, special, day_number("2026-10-25"), day_number("2027-04-01"))


def every_day(*spans: tuple[int, int]) -> Any:
    return (spans,) * 7


@pytest.mark.parametrize("zone", [NEW_YORK, ST_JOHNS])
def test_the_clock_is_the_zones(zone: Zone) -> None:
    for text in ("2026-10-31T23:59", "2026-11-01T05:00", "2027-03-14T12:00", "2027-06-01T00:00"):
        moment = at(text, zone.name)
        there = dt.datetime.fromtimestamp(moment, ZoneInfo(zone.name))
        assert zone.weekday_and_hour(moment) == (there.weekday(), there.hour)
        day = there.date().isoformat()
        assert zone.midnight(day_number(day)) == at(day, zone.name)
        assert zone.day_at(moment) == day_number(day)


def test_midnight_where_the_clock_passes_over_it() -> None:
    """In Havana the clock goes from 23:59:59 to 01:00."""
    change = at("2027-03-14T00:00", "America/Havana")
    havana = Zone("America/Havana", (0, change), (-300, -240))
    assert havana.midnight(day_number("2027-03-14")) == change
    assert havana.day_at(change) == day_number("2027-03-14")
    assert havana.day_at(change - 1) == day_number("2027-03-13")


def test_a_day_that_the_clock_passes_over_is_nowhere() -> None:
    """Samoa had no 30 December 2011."""
    change = at("2011-12-31T00:00", "Pacific/Apia")
    apia = Zone("Pacific/Apia", (0, change), (-600, 840))
    assert apia.day_at(change - 1) == day_number("2011-12-29")
    assert apia.day_at(change) == day_number("2011-12-31")
    assert apia.midnight(day_number("2011-12-31")) == change


def test_hours_across_midnight_are_one_opening() -> None:
    night = schedule(week=every_day((0, 120), (1320, 1440)))
    assert night.openings(at("2026-11-24T20:00"), at("2026-11-25T20:00")) == [
        Opening(at("2026-11-24T22:00"), at("2026-11-25T02:00"))
    ]
    assert night.is_open(at("2026-11-25T01:59"))
    assert not night.is_open(at("2026-11-25T02:00"))


def test_around_the_clock_is_one_long_opening() -> None:
    always = schedule(week=every_day((0, 1440)), d2026_11_01=((0, 1500),))
    (opening,) = always.openings(at("2026-10-31T12:00"), at("2026-11-02T12:00"))
    assert opening.closes - opening.opens > 2 * 86_400
    assert door_state(always, at("2026-10-31T12:00")).state == "open"
    assert door_state(always, at("2026-10-31T12:00")).closes_at is None


def test_minutes_of_a_special_day_are_elapsed_ones() -> None:
    """From 01:30, as it comes first, to 05:00: five and a half hours, on a day of 25."""
    longer = schedule(week=every_day((90, 300)), d2026_11_01=((90, 360),))
    assert longer.openings(at("2026-11-01T00:00"), at("2026-11-01T12:00")) == [
        Opening(at("2026-11-01T01:30"), at("2026-11-01T05:00"))
    ]
    shorter = schedule(week=every_day((180, 300)), d2027_03_14=((120, 240),))
    assert shorter.openings(at("2027-03-14T00:00"), at("2027-03-14T12:00")) == [
        Opening(at("2027-03-14T03:00"), at("2027-03-14T05:00"))
    ]


def test_half_an_hour_off() -> None:
    noon = schedule(ST_JOHNS, every_day((720, 780)))
    (opening,) = noon.openings(at("2026-11-24T06:00"), at("2026-11-24T14:00"))
    assert opening.opens == at("2026-11-24T12:00", "America/St_Johns")


def test_special_days_replace_the_week() -> None:
    week = every_day((540, 1020))
    hours = schedule(week=week, d2026_12_25=(), d2026_12_26=((600, 660),))
    assert not hours.is_open(at("2026-12-25T12:00"))
    assert hours.is_open(at("2026-12-26T10:59"))
    assert not hours.is_open(at("2026-12-26T11:00"))
    assert hours.is_open(at("2026-12-27T16:59"))


def test_outside_the_days_of_the_pack_the_week_is_repeated() -> None:
    hours = schedule(week=every_day((540, 1020)), d2027_12_25=(), d2026_10_24=())
    assert hours.is_open(at("2027-12-25T12:00"))
    assert hours.is_open(at("2026-10-24T12:00"))


def test_openings_that_touch_or_overlap_are_joined() -> None:
    assert joined([(5, 9), (0, 2), (2, 3), (6, 7), (20, 21)]) == [(0, 3), (5, 9), (20, 21)]


def test_what_a_door_says() -> None:
    hours = schedule(week=every_day((540, 1020)))
    assert door_state(None, 0.0).state == "unknown"
    assert door_state(schedule(), at("2026-11-24T12:00")).state == "closed"
    now = door_state(hours, at("2026-11-24T12:00"))
    assert (now.state, now.closes_at) == ("open", at("2026-11-24T17:00"))
    later = door_state(hours, at("2026-11-24T17:00"))
    assert (later.state, later.opens_at) == ("closed", at("2026-11-25T09:00"))


def test_a_search_of_another_day_looks_anew() -> None:
    hours = schedule(week=every_day((540, 1020)))
    for text in ("2026-11-24T12:00", "2026-12-24T12:00", "2026-11-24T12:00"):
        assert hours.is_open(at(text))
        assert hours.around(at(text)) is hours.around(at(text) + 60)
