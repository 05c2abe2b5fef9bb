"""Every distinct schedule's openings, once, as arrays: hours cost a search one look-up.

Sites share schedules ("Mo-Fr 09:00-17:00" in New York), so a few thousand schedules serve any
number of services. Openings are kept for a window of days around now; for a search about another
day they are worked out for that day.
"""

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.compiled import lean
from services.hours import LOOK_AHEAD, Schedule
from services.index.columns import NO_HOURS

DAY = dt.timedelta(days=1)
WINDOW = LOOK_AHEAD + 3 * DAY
OTHER_DAYS_KEPT = 4
MOST_WAITING = 4  # searches about days that must be worked out, a second each; others come back


class BusyError(RuntimeError):
    """Too many ask about other days than today just now. Trying again in a few seconds helps."""


class Openings(NamedTuple):
    """Openings of every schedule, as compiled code reads them.

    Attributes:
        bounds: shape (schedules + 1,); schedule ``n`` has ``bounds[n]`` to ``bounds[n + 1]``.
        opens, closes: POSIX seconds, in order within a schedule.
        open_offsets, close_offsets: seconds that the schedule's clock is ahead of UTC then.
    """

    bounds: NDArray[np.int32]
    opens: NDArray[np.float64]
    closes: NDArray[np.float64]
    open_offsets: NDArray[np.float64]
    close_offsets: NDArray[np.float64]


@lean
def opening_after(number: int, moment: float, openings: Openings) -> int:
    """Position of a schedule's first opening that ends after a POSIX time, or its upper bound."""
    low, high = openings.bounds[number], openings.bounds[number + 1]
    while low < high:
        middle = (low + high) // 2
        if openings.closes[middle] > moment:
            high = middle
        else:
            low = middle + 1
    return low


@lean
def is_open(number: int, moment: float, openings: Openings) -> bool:
    """Whether a schedule is open at a POSIX time."""
    position = opening_after(number, moment, openings)
    return position < openings.bounds[number + 1] and openings.opens[position] <= moment


class Schedules:
    """Numbers for distinct schedules, and their openings."""

    def __init__(self, now: dt.datetime, schedules: Iterable[Schedule] = ()) -> None:
        self._number: dict[Schedule, int] = {}
        self._pieces: list[NDArray[np.float64]] = []  # shape (openings, 4) each
        self.start = _day_before(now)  # of the window
        self.current = joined([])
        self._other_days: OrderedDict[dt.datetime, Openings] = OrderedDict()
        self._working = threading.Lock()
        self._seats = threading.BoundedSemaphore(MOST_WAITING)
        for schedule in schedules:
            self.number_of(schedule)
        self.complete()

    @classmethod
    def restored(
        cls, now: dt.datetime, schedules: list[Schedule], start: dt.datetime, openings: Openings
    ) -> "Schedules":
        """These schedules, with openings that were worked out for a window from ``start``."""
        if start != _day_before(now) or not schedules:
            return cls(now, schedules)
        made = cls(now)
        made._number = {schedule: number for number, schedule in enumerate(schedules)}
        made._pieces = np.split(np.stack(openings[1:], axis=1), openings.bounds[1:-1])
        made.current = openings
        return made

    def only(self, numbers: NDArray[np.integer[Any]]) -> "Schedules":
        """Those with these numbers, in this order, as the first ones of others."""
        new, all_ = Schedules(self.start + DAY), self.all
        new._number = {all_[number]: place for place, number in enumerate(numbers.tolist())}
        new._pieces = [self._pieces[number] for number in numbers.tolist()]
        new.complete()
        return new

    @property
    def all(self) -> list[Schedule]:
        """Every schedule, in order of number."""
        return list(self._number)

    def number_of(self, schedule: Schedule | None) -> int:
        """The number of a schedule; a new one gets the next. ``complete`` before it is used."""
        if schedule is None:
            return NO_HOURS
        number = self._number.setdefault(schedule, len(self._number))
        if number == len(self._pieces):
            self._pieces.append(_piece(schedule, self.start))
        return number

    def complete(self) -> None:
        """Take the openings of new schedules in."""
        if len(self.current.bounds) != len(self._pieces) + 1:
            self.current = joined(self._pieces)

    def openings(self, at: dt.datetime) -> Openings:
        """The openings that a search about ``at`` needs, of all schedules known so far.

        Raises:
            BusyError: too many wait for other days.
        """
        if self.start <= at <= self.start + WINDOW - LOOK_AHEAD:
            return self.current
        start = _day_before(at)
        kept = self._other_days.get(start)
        if kept is not None and self.are_in(kept):
            return kept
        if not self._seats.acquire(blocking=False):
            raise BusyError
        try:
            with self._working:
                return self._of_another_day(start)
        finally:
            self._seats.release()

    def are_in(self, openings: Openings) -> bool:
        """Whether all schedules known by now are in these openings."""
        return len(openings.bounds) == len(self.current.bounds)

    def _of_another_day(self, start: dt.datetime) -> Openings:
        kept = self._other_days.get(start)
        if kept is None or not self.are_in(kept):
            kept = joined([_piece(schedule, start) for schedule in self.all])
            self._other_days[start] = kept
            if len(self._other_days) > OTHER_DAYS_KEPT:
                self._other_days.popitem(last=False)
        return kept

    def move_to(self, now: dt.datetime) -> None:
        """Let the window begin the day before ``now``, if it does not yet."""
        if self.start != (start := _day_before(now)):
            self._pieces = [_piece(schedule, start) for schedule in self.all]
            self.start, self.current = start, joined(self._pieces)


def _day_before(at: dt.datetime) -> dt.datetime:
    return at.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0) - DAY


def _piece(schedule: Schedule, start: dt.datetime) -> NDArray[np.float64]:
    openings = schedule.openings(start, start + WINDOW)
    columns = [
        (opens.timestamp(), closes.timestamp(), _offset(opens), _offset(closes))
        for opens, closes in openings
    ]
    return np.array(columns, dtype=np.float64).reshape(-1, 4)


def _offset(moment: dt.datetime) -> float:
    ahead = moment.utcoffset()
    return ahead.total_seconds() if ahead else 0.0


def joined(pieces: list[NDArray[np.float64]]) -> Openings:
    """The openings of schedules as arrays.

    Args:
        pieces: of each schedule, shape (openings, 4): opens, closes, and their offsets.
    """
    bounds = np.zeros(len(pieces) + 1, dtype=np.int32)
    bounds[1:] = np.cumsum([len(piece) for piece in pieces])
    rows = np.concatenate(pieces) if pieces else np.zeros((0, 4))
    columns: Any = (np.ascontiguousarray(rows[:, column]) for column in range(4))
    return Openings(bounds, *columns)
