"""Hours as a phone can read them: a usual week, the days that differ, and the zone's offsets.

A phone has no reader of OSM hours and maybe no time zones; it gets the outcome for the coming days.
"""

import datetime as dt
import functools
from collections import Counter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.hours import Schedule

TOLD_BEFORE = 2  # days before the pack's own
TOLD_AFTER = 120  # days from the pack's own on
DAY_S = 86_400
DAY_MINUTES = 1_440

Minutes = tuple[tuple[int, int], ...]  # openings of a day, in minutes since its midnight


class Plan(NamedTuple):
    """The openings of a schedule.

    Attributes:
        week: of each weekday from Monday on the usual openings.
        days: by local date the openings that are others, or of a day that has not 24 hours.
    """

    week: tuple[Minutes, ...]
    days: dict[str, Minutes]


@functools.lru_cache(maxsize=1 << 13)
def plan_of(schedule: Schedule, day: dt.date) -> Plan:
    """The openings of a schedule around a day.

    Args:
        schedule: the hours.
        day: openings are told from TOLD_BEFORE days before it to TOLD_AFTER days after it.
    """
    openings = _by_date(schedule, day)
    whole = {date: told for date, told in openings.items() if _is_whole(date, schedule.time_zone)}
    week = tuple(
        _usual([told for date, told in whole.items() if date.weekday() == weekday])
        for weekday in range(7)
    )
    if not any(week) and not any(openings.values()):
        return Plan(week, {})
    days = {
        date.isoformat(): told
        for date, told in openings.items()
        if date not in whole or told != week[date.weekday()]
    }
    return Plan(week, days)


def _usual(days: list[Minutes]) -> Minutes:
    """What comes most often; the first of several."""
    return Counter(days).most_common(1)[0][0] if days else ()


def _by_date(schedule: Schedule, day: dt.date) -> dict[dt.date, Minutes]:
    """The openings of each local date, in elapsed minutes since its midnight."""
    dates = [day + dt.timedelta(days=n) for n in range(-TOLD_BEFORE, TOLD_AFTER + 1)]
    bounds = [midnight(date, schedule.time_zone) for date in dates]
    found: dict[dt.date, list[tuple[int, int]]] = {date: [] for date in dates[:-1]}
    first, last = (dt.datetime.fromtimestamp(bounds[n], dt.UTC) for n in (0, -1))
    place = 0
    for opens, closes in schedule.openings(first, last):
        start, end = opens.timestamp(), closes.timestamp()
        while bounds[place + 1] <= start:
            place += 1
        at = place
        while at < len(found) and bounds[at] < end:
            until = min(end, bounds[at + 1])
            minutes = round((max(start, bounds[at]) - bounds[at]) / 60)
            found[dates[at]].append((minutes, round((until - bounds[at]) / 60)))
            at += 1
    return {date: tuple(told) for date, told in found.items()}


@functools.lru_cache(maxsize=1 << 14)
def midnight(date: dt.date, zone: str) -> float:
    """The first POSIX second at which the clocks of a zone show a date."""
    return dt.datetime(date.year, date.month, date.day, tzinfo=ZoneInfo(zone)).timestamp()


def _is_whole(date: dt.date, zone: str) -> bool:
    return midnight(date + dt.timedelta(days=1), zone) - midnight(date, zone) == DAY_S


@functools.lru_cache(maxsize=1 << 9)
def offsets_of(zone: str, day: dt.date) -> tuple[tuple[int, int], ...]:
    """From which POSIX second on the clocks of a zone are how many minutes ahead of UTC.

    Args:
        zone: its IANA name.
        day: told are the changes from a week before what ``plan_of`` tells to a fortnight after;
            the first entry, from 0 on, is what holds before.
    """
    clock, start = ZoneInfo(zone), dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
    first = int(start.timestamp()) - (TOLD_BEFORE + 7) * DAY_S
    found = [(0, _minutes_ahead(first, clock))]
    for second in range(first, first + (TOLD_BEFORE + TOLD_AFTER + 21) * DAY_S, DAY_S):
        if _minutes_ahead(second + DAY_S, clock) != found[-1][1]:
            low, high = second, second + DAY_S  # it changes after low, at high at the latest
            while high - low > 1:
                middle = (low + high) // 2
                if _minutes_ahead(middle, clock) == found[-1][1]:
                    low = middle
                else:
                    high = middle
            found.append((high, _minutes_ahead(high, clock)))
    return tuple(found)


def _minutes_ahead(second: int, clock: ZoneInfo) -> int:
    ahead = dt.datetime.fromtimestamp(second, clock).utcoffset()
    return int(ahead.total_seconds() // 60) if ahead else 0
