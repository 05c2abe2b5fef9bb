"""Nine cases a service may be in: is its door open, and is anything left?

Each is ``no``, ``perhaps`` (nobody knows) or ``yes``, so the wishes for an open door and for what
is free are one set of cases, and one look tells whether a service may meet both.
"""

import functools
import math
from typing import Any

from services.compiled import lean
from services.index.columns import NO_HOURS
from services.index.openings import Openings, opening_after
from services.index.scoring import AVAILABLE, CLOSED_TEMPORARILY, LIMITED, UNKNOWN, state_at

NO, PERHAPS, YES = 0, 1, 2
ANSWERS = (NO, PERHAPS, YES)


@functools.lru_cache(maxsize=16)
def cases_wanted(*, open_now: bool, available_only: bool, strict: bool, words_too_old: bool) -> int:
    """The cases that meet the wishes, a bit each.

    Args:
        open_now: a wish …
        available_only: … and another one.
        strict: whether what nobody knows does not meet them.
        words_too_old: whether nobody knows of any service what is left.
    """
    least = YES if strict else PERHAPS
    doors = [door for door in ANSWERS if not open_now or door >= least]
    lefts = [left for left in ANSWERS if not available_only or words_too_old or left >= least]
    if available_only and words_too_old and strict:
        lefts = []
    return sum(_bit(door, left) for door in doors for left in lefts)


@lean
def _bit(door: int, left: int) -> int:
    return 1 << (3 * door + left)


@lean
def best_case(row: Any, start: float, end: float, openings: Openings) -> int:
    """The best case of a row, as a bit, at any time from one POSIX time to another.

    Args:
        row: of ROW, alive.
        start: of the span …
        end: … and its end; both endless to hold at any time.
        openings: that cover the span, unless it is endless.
    """
    return _bit(_door(row, start, end, openings), _left(row, start, end))


@lean
def _door(row: Any, start: float, end: float, openings: Openings) -> int:
    if state_at(row, end) == CLOSED_TEMPORARILY:  # and so until then
        return NO
    if row.door_hours == NO_HOURS:
        return PERHAPS
    if end == math.inf:
        return YES
    position = opening_after(row.door_hours, start, openings)
    is_there = position < openings.bounds[row.door_hours + 1]
    return YES if is_there and openings.opens[position] <= end else NO


@lean
def _left(row: Any, start: float, end: float) -> int:
    if end < row.closed_until:
        return NO
    is_some = row.state in (AVAILABLE, LIMITED)
    if is_some and max(start, row.closed_until) < row.expires_at:
        return YES
    return PERHAPS if row.state == UNKNOWN or end >= row.expires_at else NO
