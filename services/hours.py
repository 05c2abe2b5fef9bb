"""Opening hours in OSM syntax: what is valid, when it is open, and when the next opening is.

The syntax is read by opening-hours-py. Where it would guess, we say unknown instead: a comment
("by appointment"), an open end (``10:00+``), sunrise without a place, school holidays it has no
calendar of. An invented opening hour sends somebody to a closed door.
"""

import datetime as dt
import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import opening_hours

from services.zones import is_time_zone

if TYPE_CHECKING:
    from services.models import HoursException

PLAIN_TIMES = re.compile(r"\d\d:\d\d-\d\d:\d\d(\s*,\s*\d\d:\d\d-\d\d:\d\d)*")
NOT_SURE = re.compile(r'"|\bunknown\b|\bSH\b|sunrise|sunset|dawn|dusk|\d\d:\d\d\+')

A_DAY = dt.timedelta(days=1)

Interval = tuple[dt.datetime, dt.datetime]


def are_plain_times(times: str) -> bool:
    """Whether a text is times of a day and nothing else: "09:00-12:00, 13:00-17:00"."""
    return bool(PLAIN_TIMES.fullmatch(times)) and is_valid(times)


def is_valid(rule: str) -> bool:
    """Whether a text is valid OSM ``opening_hours``. A blank text is not."""
    return bool(rule.strip()) and bool(opening_hours.validate(rule))


@dataclass(frozen=True, slots=True)
class Schedule:
    """Hours that can be evaluated: a rule with its exceptions, in a time zone and a country.

    Attributes:
        rule: valid OSM syntax, exceptions appended as dated rules.
        time_zone: IANA name.
        country: ISO code whose public holidays ``PH`` means.
    """

    rule: str
    time_zone: str
    country: str

    def openings(self, start: dt.datetime, end: dt.datetime) -> list[Interval]:
        """When it is open between two aware times: in order, neither touching nor overlapping."""
        zone = ZoneInfo(self.time_zone)
        found: list[Interval] = []
        # The reader takes a repeated hour for its first passing, so it reads from a day before.
        around = ((start - A_DAY).astimezone(zone), (end + A_DAY).astimezone(zone))
        for first, last, state, _comment in _reader(self).intervals(*around):
            opens, closes = (_within(moment, start, end) for moment in (first, last))
            if state != opening_hours.State.OPEN or opens >= closes:
                continue
            touches = found and found[-1][1] == opens
            found.append((found.pop()[0] if touches else opens, closes))
        return found


def _within(moment: dt.datetime, start: dt.datetime, end: dt.datetime) -> dt.datetime:
    """The moment, or the nearer bound; compared in UTC, where no hour comes twice."""
    zone = moment.tzinfo
    return min(max(moment.astimezone(dt.UTC), start), end).astimezone(zone)


@functools.lru_cache(maxsize=4096)
def _reader(schedule: Schedule) -> opening_hours.OpeningHours:
    zone = ZoneInfo(schedule.time_zone)
    try:
        return opening_hours.OpeningHours(schedule.rule, timezone=zone, country=schedule.country)
    except opening_hours.UnknownCountryError:  # type: ignore[attr-defined]
        return opening_hours.OpeningHours(schedule.rule, timezone=zone)


class Days(NamedTuple):
    """An exception: days on which the hours differ, and their times; "" if closed all day."""

    first_day: dt.date
    last_day: dt.date
    times: str


def schedule_of(
    rule: str, exceptions: "Iterable[Days | HoursException]", *, time_zone: str, country: str
) -> Schedule | None:
    """The schedule a rule and its dated exceptions make, or None where it would be a guess."""
    days = tuple(Days(each.first_day, each.last_day, each.times) for each in exceptions)
    return _schedule_of(rule, days, time_zone, country)


@functools.lru_cache(maxsize=1 << 14)  # as many as are told apart in a country or two
def _schedule_of(
    rule: str, exceptions: tuple[Days, ...], time_zone: str, country: str
) -> Schedule | None:
    if not is_valid(rule) or not is_time_zone(time_zone):
        return None
    plain = str(opening_hours.OpeningHours(rule))
    unsure = any(each.times and not are_plain_times(each.times) for each in exceptions)
    if unsure or NOT_SURE.search(plain) or "||" in plain:
        return None
    joined = "; ".join([rule, *_dated_rules(exceptions)])
    return Schedule(joined, time_zone, country) if is_valid(joined) else None


def _dated_rules(exceptions: Iterable[Days]) -> Iterator[str]:
    for exception in exceptions:
        first, last = (
            f"{day:%Y %b} {day.day}" for day in (exception.first_day, exception.last_day)
        )
        days = first if first == last else f"{first}-{last}"
        yield f"{days} {exception.times or 'off'}"


@dataclass(frozen=True, slots=True)
class DoorState:
    """What a door's hours say at one moment: "open", "closed" or "unknown", and until when."""

    state: str
    opens_at: dt.datetime | None = None
    closes_at: dt.datetime | None = None


LOOK_AHEAD = dt.timedelta(days=14)


def door_state(schedule: Schedule | None, now: dt.datetime) -> DoorState:
    """Whether a door is open now, when it closes, or when it opens within two weeks.

    A door that stays open for the whole two weeks has no ``closes_at``.
    """
    if schedule is None:
        return DoorState("unknown")
    end = now + LOOK_AHEAD
    openings = schedule.openings(now, end)
    if not openings:
        return DoorState("closed")
    opens, closes = openings[0]
    if opens > now:
        return DoorState("closed", opens_at=opens)
    return DoorState("open", closes_at=closes if closes < end else None)
