"""Opening hours: what is valid, and when doors are open."""

import csv
import datetime as dt
import zoneinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from services.hours import DoorState, Schedule, door_state, is_valid, schedule_of
from services.models import HoursException
from services.zones import is_time_zone

NEW_YORK = ZoneInfo("America/New_York")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def hours(rule: str, *exceptions: HoursException, country: str = "US") -> Schedule:
    schedule = schedule_of(rule, exceptions, time_zone="America/New_York", country=country)
    assert schedule is not None
    return schedule


@pytest.mark.parametrize(
    "text", ["", "   ", "Mon-Fri 8:30 am-4:30 pm", "Mon-Sun 24 hours", "by appointment", "9-17"]
)
def test_free_text_is_not_valid(text: str) -> None:
    assert not is_valid(text)
    assert schedule_of(text, [], time_zone="America/New_York", country="US") is None


@pytest.mark.parametrize(
    "text",
    [
        '"by appointment"',
        'Mo-Fr 10:00-16:00 || "call"',
        "Mo-Fr 10:00+",
        "Mo-Fr 10:00-16:00 unknown",
        "Mo-Fr sunrise-sunset",
        "Mo-Fr 08:00-12:00; SH off",
    ],
)
def test_valid_hours_that_need_a_guess_are_unknown(text: str) -> None:
    assert is_valid(text)
    assert schedule_of(text, [], time_zone="America/New_York", country="US") is None


def test_every_time_zone_that_a_site_may_have_can_be_read() -> None:
    now = at("2026-11-24T05:00")
    for name in filter(is_time_zone, zoneinfo.available_timezones()):
        schedule = schedule_of("Mo-Su 00:00-24:00", [], time_zone=name, country="US")
        assert door_state(schedule, now).state == "open", name


@pytest.mark.parametrize("name", ["Factory", "localtime", "Mars/Olympus_Mons"])
def test_hours_on_the_clock_of_no_place_are_unknown(name: str) -> None:
    assert not is_time_zone(name)
    assert schedule_of("Mo-Fr 08:00-12:00", [], time_zone=name, country="US") is None


def test_open_across_midnight() -> None:
    night = hours("Mo-Fr 22:00-02:00")
    assert door_state(night, at("2026-11-24T01:30")) == DoorState(
        "open", closes_at=at("2026-11-24T02:00")
    )
    assert door_state(night, at("2026-11-24T02:00")).state == "closed"


def test_hours_across_midnight_are_one_opening() -> None:
    night = hours("Mo-Su 22:00-02:00")
    openings = night.openings(at("2026-11-24T20:00"), at("2026-11-25T20:00"))
    assert openings == [(at("2026-11-24T22:00"), at("2026-11-25T02:00"))]


def test_around_the_clock_has_no_closing_time() -> None:
    assert door_state(hours("24/7"), at("2026-11-24T03:00")) == DoorState("open")


def test_public_holidays_of_the_country_count() -> None:
    weekdays = "Mo-Fr 09:00-17:00; PH off"
    thanksgiving = at("2026-11-26T10:00")
    assert door_state(hours(weekdays), thanksgiving).state == "closed"
    assert door_state(hours(weekdays, country="CA"), thanksgiving).state == "open"


def test_the_day_with_23_hours() -> None:
    night = hours("Mo-Su 00:00-06:00")
    opens, closes = night.openings(at("2027-03-14T00:00"), at("2027-03-14T12:00"))[0]
    assert (closes.astimezone(dt.UTC) - opens.astimezone(dt.UTC)) == dt.timedelta(hours=5)


def test_the_day_with_25_hours() -> None:
    night = hours("Mo-Su 00:00-06:00")
    opens, closes = night.openings(at("2026-11-01T00:00"), at("2026-11-01T12:00"))[0]
    assert (closes.astimezone(dt.UTC) - opens.astimezone(dt.UTC)) == dt.timedelta(hours=7)


def test_the_zone_is_the_sites_own() -> None:
    office = schedule_of("Mo-Fr 09:00-17:00", [], time_zone="America/Los_Angeles", country="US")
    assert door_state(office, at("2026-11-24T10:00")).state == "closed"
    assert door_state(office, at("2026-11-24T12:00")).state == "open"


def test_an_exception_closes_a_day_and_the_next_goes_on() -> None:
    closed = HoursException(first_day=dt.date(2026, 11, 24), last_day=dt.date(2026, 11, 25))
    office = hours("Mo-Fr 09:00-17:00", closed)
    assert door_state(office, at("2026-11-24T10:00")) == DoorState(
        "closed", opens_at=at("2026-11-26T09:00")
    )


def test_an_exception_changes_the_times_of_a_day() -> None:
    short = HoursException(
        first_day=dt.date(2026, 11, 25), last_day=dt.date(2026, 11, 25), times="09:00-12:00"
    )
    office = hours("Mo-Fr 09:00-17:00", short)
    assert door_state(office, at("2026-11-25T10:00")).closes_at == at("2026-11-25T12:00")
    assert door_state(office, at("2026-11-24T10:00")).closes_at == at("2026-11-24T17:00")


def test_closed_for_more_than_two_weeks_names_no_opening() -> None:
    closed = HoursException(first_day=dt.date(2026, 11, 24), last_day=dt.date(2026, 12, 31))
    assert door_state(hours("Mo-Fr 09:00-17:00", closed), at("2026-11-24T10:00")) == DoorState(
        "closed"
    )


UPSTREAM = Path(__file__).parents[3] / "shared/data/opening-hours/opening_hours_values.csv"


@pytest.mark.skipif(not UPSTREAM.exists(), reason="the published test values are not here")
def test_no_published_value_crashes() -> None:
    with UPSTREAM.open() as file:
        values = {row["opening_hours_value"] for row in csv.DictReader(file)}
    valid = [value for value in values if is_valid(value)]
    assert len(valid) > 300
    for value in valid:
        schedule = schedule_of(value, [], time_zone="America/New_York", country="US")
        assert door_state(schedule, at("2026-11-24T10:00")).state in {"open", "closed", "unknown"}


@pytest.mark.parametrize(
    "times",
    [
        "24/7",
        "easter 10:00-12:00",
        "10:00+",
        '09:00-12:00 "by appointment"',
        "09:00-12:00; Tu 10:00-20:00",
        "09:00-12:00 || unknown",
        "sunrise-sunset",
        "off",
    ],
)
def test_an_exception_is_times_of_a_day_or_makes_the_hours_unknown(times: str) -> None:
    exception = HoursException(
        first_day=dt.date(2026, 11, 25), last_day=dt.date(2026, 11, 25), times=times
    )
    with pytest.raises(ValidationError, match="Use times such as"):
        exception.clean()
    assert (
        schedule_of("Mo-Fr 09:00-17:00", [exception], time_zone="America/New_York", country="US")
        is None
    )


@pytest.mark.parametrize("utc_hour", [5, 6])
def test_open_in_both_passings_of_the_repeated_hour(utc_hour: int) -> None:
    now = dt.datetime(2026, 11, 1, utc_hour, 20, tzinfo=dt.UTC)
    assert door_state(hours("24/7"), now).state == "open"
    night = door_state(hours("Mo-Su 22:00-06:00"), now)
    assert night == DoorState("open", closes_at=at("2026-11-01T06:00"))
