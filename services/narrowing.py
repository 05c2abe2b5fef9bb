"""Edits that leave fewer people served, though nothing is retired: fewer hours, fewer who may come.

By the ages, the hours or the days on which they differ a clinic can be closed as surely as by
taking it off the list.
"""

import datetime as dt
import functools
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from services.hours import Days, Interval, Schedule, schedule_of
from services.models import Service

WINDOW = dt.timedelta(days=28)
WINDOWS = 13  # a year: what begins in half a year would otherwise be noticed by nobody today
OLDEST = 99  # years; nobody is left out by a limit beyond
QUARTER, HALF = 0.25, 0.5
HOURS = ("hours", "hours_exceptions")
AGES = ("min_age", "max_age")
WHO = ("women", "men")


def closing_fields(
    service: Service, before: Mapping[str, Any], after: Mapping[str, Any], now: dt.datetime
) -> set[str]:
    """The fields by which less than a quarter is left of what a service was.

    Args:
        service: whose clock counts.
        before: its content, of services.content.
        after: the content it would have.
        now: aware.
    """
    found: set[str] = set()
    if _hours_left(service, before, after, now, shifted=False) < QUARTER:
        found |= set(HOURS)
    if _ages_left(before, after) < QUARTER:
        found |= set(AGES)
    if _serves_nobody(after) and not _serves_nobody(before):
        found.add("access")
    return found


def narrowing_fields(
    service: Service, before: Mapping[str, Any], after: Mapping[str, Any], now: dt.datetime
) -> set[str]:
    """The fields by which less than half is left: hours at other times, or unknown, are gone too.

    See closing_fields.
    """
    found: set[str] = set()
    if _hours_left(service, before, after, now, shifted=True) < HALF:
        found |= set(HOURS)
    if _ages_left(before, after) < HALF:
        found |= set(AGES)
    if any(_answer(after, one) is False and _answer(before, one) is not False for one in WHO):
        found.add("access")
    return found


def _serves_nobody(content: Mapping[str, Any]) -> bool:
    return all(_answer(content, one) is False for one in WHO)


def _answer(content: Mapping[str, Any], fact: str) -> bool | None:
    answer: bool | None = content["access"].get(fact)
    return answer


def _ages_left(before: Mapping[str, Any], after: Mapping[str, Any]) -> float:
    """Share of the ages that may still come, in [0, 1]."""
    was, is_ = _ages(before), _ages(after)
    return len(was & is_) / len(was) if was else 1.0


def _ages(content: Mapping[str, Any]) -> set[int]:
    least, most = content["min_age"], content["max_age"]
    return set(range(least or 0, min(OLDEST, OLDEST if most is None else most) + 1))


def _hours_left(
    service: Service,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    now: dt.datetime,
    *,
    shifted: bool,
) -> float:
    """Share of the open time that is left in the worst four weeks of the coming year, in [0, 1].

    ``shifted`` says whether time that moved is gone. Then hours that become unknown are, too; a
    door whose hours are unknown is no closed one.
    """
    if all(before[field] == after[field] for field in HOURS):
        return 1.0
    was, is_ = (_schedule(service, content) for content in (before, after))
    if was is None:
        return 1.0
    if is_ is None:
        return 0.0 if shifted else 1.0
    return min(_shares(was, is_, now, shifted=shifted), default=1.0)


def _schedule(service: Service, content: Mapping[str, Any]) -> Schedule | None:
    """When new people are taken in; the open hours where nothing says so."""
    rule = content["hours"].get("intake") or content["hours"].get("open")
    days = [
        Days(dt.date.fromisoformat(one["first_day"]), dt.date.fromisoformat(one["last_day"]),
             one["times"] or "")
        for one in content["hours_exceptions"]
    ]  # fmt: skip
    if not rule:
        return None
    return schedule_of(rule, days, time_zone=service.site.time_zone, country=service.site.country)


def _shares(was: Schedule, is_: Schedule, now: dt.datetime, *, shifted: bool) -> Iterator[float]:
    for old, new in zip(_year(was, now.date()), _year(is_, now.date()), strict=True):
        if total := _length(old):
            yield (_overlap(old, new) if shifted else _length(new)) / total


@functools.lru_cache(maxsize=256)  # an edit asks several times, and a file tells much alike
def _year(schedule: Schedule, today: dt.date) -> list[list[Interval]]:
    """When it is open in the windows to come, from midnight UTC on."""
    starts = dt.datetime.combine(today, dt.time(), dt.UTC)
    bounds = [starts + number * WINDOW for number in range(WINDOWS + 1)]
    return [schedule.openings(start, end) for start, end in itertools.pairwise(bounds)]


def _length(openings: list[Interval]) -> float:
    return sum((closes - opens).total_seconds() for opens, closes in openings)


def _overlap(some: list[Interval], others: list[Interval]) -> float:
    """Seconds in both; each in order and apart."""
    found, rest = 0.0, list(others)
    for opens, closes in some:
        while rest and rest[0][1] <= opens:
            rest.pop(0)
        for first, last in rest:
            if first >= closes:
                break
            found += max(0.0, (min(closes, last) - max(opens, first)).total_seconds())
    return found
