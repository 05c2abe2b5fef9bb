"""The best services so far, in their order, compiled."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.compiled import compiled, lean
from services.index.scoring import DISTANCE, EXPECTED

ENDLESS = float(np.finfo(np.float64).max)  # minutes: above any service's, and below never
Score = tuple[float, float, float, float, float, float]
COLUMNS = 6


class Best(NamedTuple):
    """The best so far.

    Attributes:
        order: places in the other two, best first.
        slots, scores: in the order in which they were found.
    """

    order: NDArray[np.int64]
    slots: NDArray[np.int64]
    scores: NDArray[np.float64]


@compiled
def none_yet(limit: int) -> Best:
    """Room for so many."""
    return Best(np.empty(limit, np.int64), np.empty(limit, np.int64), np.empty((limit, COLUMNS)))


@lean
def bar_of(best: Best, found: int) -> float:
    """What a service may cost at most to be among the best; an endless cost never is."""
    size = len(best.order)
    return ENDLESS if found < size else min(ENDLESS, best.scores[best.order[size - 1], EXPECTED])


@lean
def first_by_id(one: Any, other: Any) -> bool:
    """Whether a row comes before another where nothing else tells them apart."""
    if one.id_high != other.id_high:
        return one.id_high < other.id_high
    return one.id_low < other.id_low


@lean
def _comes_before(score: Score, slot: int, place: int, best: Best, rows: NDArray[Any]) -> bool:
    """Ties are common: expected minutes, then distance, then id."""
    expected, distance = best.scores[place, EXPECTED], best.scores[place, DISTANCE]
    if score[EXPECTED] != expected:
        return score[EXPECTED] < expected
    if score[DISTANCE] != distance:
        return score[DISTANCE] < distance
    return first_by_id(rows[slot], rows[best.slots[place]])


@lean
def keep(score: Score, slot: int, best: Best, found: int, rows: NDArray[Any]) -> int:
    """Put a candidate in its place among the best; returns how many there are."""
    order, size = best.order, len(best.order)
    if found == size and not _comes_before(score, slot, order[size - 1], best, rows):
        return found
    place = min(found, size - 1)
    own = found if found < size else order[place]  # a free place, or that of the last
    while place > 0 and _comes_before(score, slot, order[place - 1], best, rows):
        order[place] = order[place - 1]
        place -= 1
    order[place], best.slots[own] = own, slot
    for column in range(COLUMNS):
        best.scores[own, column] = score[column]
    return min(found + 1, size)
