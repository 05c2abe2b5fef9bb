"""Opening hours: the week and the special days of a pack, and when a door is open by them.

Days are numbered from 1 January 1970 (day 0, a Thursday); moments are POSIX seconds.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

DAY = 86_400  # seconds
MINUTE = 60
EPOCH = dt.date(1970, 1, 1).toordinal()
EPOCH_WEEKDAY = 3  # Thursday; Monday is 0

# Of the days around a moment these decide all waiting within the horizon of 72 hours.
DAYS_BEFORE, DAYS_AFTER = 1, 5
LOOK_AHEAD_DAYS = 14

Minutes = tuple[tuple[int, int], ...]  # from, to


def day_number(text: str) -> int:
    """The number of a day written as 2026-11-26.

    Raises:
        ValueError: it is no day.
    """
    return dt.date.fromisoformat(text).toordinal() - EPOCH


def weekday_of(day: int) -> int:
    """Monday is 0."""
    return (day + EPOCH_WEEKDAY) % 7


@dataclass(frozen=True, slots=True)
class Zone:
    """A local clock.

    Attributes:
        name: IANA name.
        starts: from each of these moments on …
        offsets: … the clock is so many minutes ahead of UTC; the first holds before it too.
    """

    name: str
    starts: tuple[float, ...]
    offsets: tuple[float, ...]

    def offset_at(self, moment: float) -> float:
        """Seconds that the clock is ahead of UTC."""
        return self.offsets[max(0, bisect_right(self.starts, moment) - 1)] * MINUTE

    def day_at(self, moment: float) -> int:
        """The number of the day that the clock shows."""
        return int((moment + self.offset_at(moment)) // DAY)

    def weekday_and_hour(self, moment: float) -> tuple[int, int]:
        """What the clock shows."""
        shown = moment + self.offset_at(moment)
        return weekday_of(int(shown // DAY)), int(shown % DAY // 3600)

    def midnight(self, day: int) -> float:
        """The first moment at which the clock shows a day."""
        shown = float(day * DAY)
        first = max(0, bisect_right(self.starts, shown - DAY) - 1)
        for place in range(first, len(self.starts)):
            begins = self.starts[place] if place else -float("inf")
            ends = self.starts[place + 1] if place + 1 < len(self.starts) else float("inf")
            moment = max(begins, shown - self.offsets[place] * MINUTE)
            if moment < ends and moment + self.offsets[place] * MINUTE < shown + DAY:
                return moment
        return shown - self.offsets[-1] * MINUTE  # a day that the clock passes over


class Opening(NamedTuple):
    """From one moment to another, the latter not included."""

    opens: float
    closes: float


class Schedule:
    """Hours in a zone; the same object serves all services that keep them.

    Attributes:
        zone: whose clock the hours are told by.
        week: Monday first, minutes since midnight.
        days: by number of day, minutes elapsed since midnight: these replace the week's.
        first, until: the special days are known from the former on, up to the latter.
    """

    __slots__ = ("_around", "_kept_for", "days", "first", "until", "week", "zone")

    def __init__(
        self,
        zone: Zone,
        week: tuple[Minutes, ...],
        days: dict[int, Minutes],
        first: int,
        until: int,
    ) -> None:
        self.zone, self.week, self.days, self.first, self.until = zone, week, days, first, until
        self._kept_for: int | None = None
        self._around: list[Opening] = []

    def around(self, at: float) -> list[Opening]:
        """The openings that decide what a search about this moment finds; kept for that day."""
        if (day := self.zone.day_at(at)) != self._kept_for:
            self._around = self._of_days(range(day - DAYS_BEFORE, day + DAYS_AFTER + 1))
            self._kept_for = day
        return self._around

    def openings(self, start: float, end: float) -> list[Opening]:
        """All openings that lie in a span of time, or reach into it, in order."""
        days = range(self.zone.day_at(start) - DAYS_BEFORE, self.zone.day_at(end) + 2)
        return [one for one in self._of_days(days) if one.closes > start and one.opens < end]

    def is_open(self, at: float) -> bool:
        """Whether it is open at a moment."""
        return any(opens <= at < closes for opens, closes in self.around(at))

    def _of_days(self, days: Iterable[int]) -> list[Opening]:
        found = []
        for day in days:
            if minutes := self._minutes_of(day):
                midnight = self.zone.midnight(day)
                found += [(midnight + a * MINUTE, midnight + b * MINUTE) for a, b in minutes]
        return joined(found)

    def _minutes_of(self, day: int) -> Minutes:
        if self.first <= day < self.until and day in self.days:
            return self.days[day]
        return self.week[weekday_of(day)]


def joined(spans: list[tuple[float, float]]) -> list[Opening]:
    """Openings in order, those that touch or overlap made one."""
    found: list[Opening] = []
    for opens, closes in sorted(spans):
        if found and opens <= found[-1].closes:
            found[-1] = Opening(found[-1].opens, max(closes, found[-1].closes))
        else:
            found.append(Opening(opens, closes))
    return found


class DoorState(NamedTuple):
    """What a door's hours say at a moment: "open", "closed" or "unknown", and until when."""

    state: str
    opens_at: float | None = None
    closes_at: float | None = None


def door_state(schedule: Schedule | None, at: float) -> DoorState:
    """Whether a door is open, when it closes, or when it opens within two weeks."""
    if schedule is None:
        return DoorState("unknown")
    end = at + LOOK_AHEAD_DAYS * DAY
    openings = schedule.openings(at, end)
    if not openings:
        return DoorState("closed")
    opens, closes = openings[0]
    if opens > at:
        return DoorState("closed", opens_at=opens)
    return DoorState("open", closes_at=closes if closes < end else None)
