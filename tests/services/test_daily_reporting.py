"""The rule on reporting every day, on the clock of a site."""

import datetime as dt
from zoneinfo import ZoneInfo

from services.daily_reporting import complies, days_closed, days_missed, days_of

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
NEW_YORK = "America/New_York"
TODAY = dt.date(2026, 11, 24)


def ago(*days: int) -> set[dt.date]:
    return {TODAY - day * DAY for day in days}


def test_who_reports_every_day_misses_none() -> None:
    assert days_missed(ago(*range(40)), today=TODAY) == []


def test_today_is_not_over_and_so_not_missed() -> None:
    assert days_missed(ago(1), today=TODAY) == []
    assert days_missed(ago(2), today=TODAY) == sorted(ago(1))


def test_nothing_is_due_before_the_first_report() -> None:
    assert days_missed(ago(3), today=TODAY) == sorted(ago(2, 1))
    assert days_missed(ago(0), today=TODAY) == []
    assert days_missed([], today=TODAY) == []


def test_only_the_last_thirty_days_count() -> None:
    assert days_missed(ago(400), today=TODAY) == sorted(ago(*range(1, 31)))


def test_two_days_in_a_row_are_too_many_and_two_apart_are_not() -> None:
    assert complies(ago(3, 5))
    assert not complies(ago(3, 4))


def test_five_days_are_too_many_and_four_are_not() -> None:
    assert complies(ago(1, 3, 5, 7))
    assert not complies(ago(1, 3, 5, 7, 9))


def test_a_month_does_not_begin_anew_on_its_first() -> None:
    around = [dt.date(2026, 10, day) for day in (27, 29, 31)]
    assert complies([*around, dt.date(2026, 11, 2)])
    assert not complies([*around, dt.date(2026, 11, 2), dt.date(2026, 11, 4)])
    assert not complies([dt.date(2026, 10, 31), dt.date(2026, 11, 1)])


def test_a_day_closed_is_excused_and_parts_the_days_around_it() -> None:
    missed = days_missed(ago(5), excused=ago(3), today=TODAY)
    assert missed == sorted(ago(4, 2, 1))
    assert complies(days_missed(ago(5, 1), excused=ago(3), today=TODAY))


def test_a_closing_that_ends_at_midnight_leaves_the_next_day_due() -> None:
    midnight = dt.datetime(2026, 11, 3, tzinfo=ZoneInfo(NEW_YORK))
    begun = dt.datetime(2026, 11, 1, 22, tzinfo=ZoneInfo(NEW_YORK))
    assert days_closed(begun, midnight, NEW_YORK) == {dt.date(2026, 11, 1), dt.date(2026, 11, 2)}
    assert dt.date(2026, 11, 3) in days_closed(begun, midnight + HOUR, NEW_YORK)


def test_days_are_those_of_the_sites_clock_also_when_it_is_put_back() -> None:
    # 25 hours long: from 04:00 to 05:00 of the next day in UTC.
    edges = [
        dt.datetime(2026, 11, 1, 3, 59, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 1, 4, 0, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 2, 4, 59, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 2, 5, 0, tzinfo=dt.UTC),
    ]
    days = [days_of([edge], NEW_YORK).pop() for edge in edges]
    assert [day.isoformat()[5:] for day in days] == ["10-31", "11-01", "11-01", "11-02"]
