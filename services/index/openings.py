"""Every distinct schedule's openings, once, as arrays: hours cost a search one look-up.

Sites share schedules ("Mo-Fr 09:00-17:00" in New York), so a few thousand schedules serve any
number of services. Openings are kept for a window of days around now; for a search about another
day they are worked out for that day.
"""

import datetime as dt
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.hours import LOOK_AHEAD, DoorState, Schedule
from services.index.columns import NO_HOURS

DAY = dt.timedelta(days=1)
WINDOW = LOOK_AHEAD + 3 * DAY
OTHER_DAYS_KEPT = 4


@dataclass(frozen=True, slots=True)
class Openings:
    """Openings of every schedule from ``start`` on.

    Attributes:
        bounds: shape (schedules + 1,); schedule ``n`` has ``bounds[n]`` to ``bounds[n + 1]``.
        opens, closes: POSIX seconds, in order within a schedule.
    """

    start: dt.datetime
    bounds: NDArray[np.int32]
    opens: NDArray[np.float64]
    closes: NDArray[np.float64]

    def covers(self, at: dt.datetime) -> bool:
        """Whether everything that a search about ``at`` asks lies in the window."""
        return self.start <= at <= self.start + WINDOW - LOOK_AHEAD

    def door(self, number: int, at: dt.datetime, zone: dt.tzinfo) -> DoorState:
        """What ``services.hours.door_state`` says of a schedule, from the arrays."""
        if number == NO_HOURS:
            return DoorState("unknown")
        first, last = self.bounds[number : number + 2]
        now, end = at.timestamp(), (at + LOOK_AHEAD).timestamp()
        position = first + int(np.searchsorted(self.closes[first:last], now, side="right"))
        if position == last or self.opens[position] >= end:
            return DoorState("closed")
        opens, closes = float(self.opens[position]), float(self.closes[position])
        if opens > now:
            return DoorState("closed", opens_at=dt.datetime.fromtimestamp(opens, zone))
        if closes >= end:
            return DoorState("open")
        return DoorState("open", closes_at=dt.datetime.fromtimestamp(closes, zone))


class Schedules:
    """Numbers for distinct schedules, and their openings."""

    def __init__(self, now: dt.datetime) -> None:
        self._number: dict[Schedule, int] = {}
        self._pieces: list[NDArray[np.float64]] = []  # shape (openings, 2) each
        self._start = _day_before(now)
        self._current = _joined(self._start, [])
        self._other_days: OrderedDict[dt.datetime, Openings] = OrderedDict()

    def number_of(self, schedule: Schedule | None) -> int:
        """The number of a schedule; a new one gets the next, and its openings are worked out."""
        if schedule is None:
            return NO_HOURS
        number = self._number.setdefault(schedule, len(self._number))
        if number == len(self._pieces):
            self._pieces.append(_piece(schedule, self._start))
        return number

    def openings(self, at: dt.datetime) -> Openings:
        """The openings that a search about ``at`` needs."""
        if self._current.covers(at):
            return self._complete_current()
        start = _day_before(at)
        kept = self._other_days.get(start)
        if kept is None or len(kept.bounds) != len(self._pieces) + 1:
            kept = _joined(start, [_piece(schedule, start) for schedule in self._number])
            self._other_days[start] = kept
            if len(self._other_days) > OTHER_DAYS_KEPT:
                self._other_days.popitem(last=False)
        return kept

    def move_to(self, now: dt.datetime) -> None:
        """Let the window begin the day before ``now``, if it does not yet."""
        if self._start != _day_before(now):
            self._start = _day_before(now)
            self._pieces = [_piece(schedule, self._start) for schedule in self._number]
            self._current = _joined(self._start, self._pieces)

    def _complete_current(self) -> Openings:
        if len(self._current.bounds) != len(self._pieces) + 1:
            self._current = _joined(self._start, self._pieces)
        return self._current


def _day_before(at: dt.datetime) -> dt.datetime:
    return at.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0) - DAY


def _piece(schedule: Schedule, start: dt.datetime) -> NDArray[np.float64]:
    openings = schedule.openings(start, start + WINDOW)
    return np.array(
        [(opens.timestamp(), closes.timestamp()) for opens, closes in openings], dtype=np.float64
    ).reshape(-1, 2)


def _joined(start: dt.datetime, pieces: list[NDArray[np.float64]]) -> Openings:
    bounds = np.zeros(len(pieces) + 1, dtype=np.int32)
    bounds[1:] = np.cumsum([len(piece) for piece in pieces])
    joined = np.concatenate(pieces) if pieces else np.zeros((0, 2))
    return Openings(
        start, bounds, np.ascontiguousarray(joined[:, 0]), np.ascontiguousarray(joined[:, 1])
    )
