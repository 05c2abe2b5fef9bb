"""A whole search, compiled in one: found, weighed, and written as the bytes that are sent.

One call, since each call from Python looks at the types of all that it is given, and that cost as
much as the search.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.compiled import brief, compiled
from services.index.bounds import Shelves
from services.index.columns import FACTS, FOUND_BY_AREA, NO_HOURS, ON_THE_MAP
from services.index.nearest import companions_of
from services.index.openings import Openings
from services.index.outlook import Outlook
from services.index.rendering import WISHES, Pages, ranked_features
from services.index.scoring import DISTANCE, UNKNOWN, Ask, state_at
from services.index.texts import Texts
from services.index.walk import Hours, walk

OPEN_NOW, AVAILABLE_ONLY, MAX_KM = range(len(FACTS), len(WISHES))


class Standing(NamedTuple):
    """All that a search about one time looks at.

    Attributes:
        shelves: the services.
        outlook: bounds that hold at the time.
        openings: that cover the time.
        zone_chance: chance that a door of unknown hours is open then, for each time zone.
        texts: what answers are made of.
    """

    shelves: Shelves
    outlook: Outlook
    openings: Openings
    zone_chance: NDArray[np.float64]
    texts: Texts


class Wanted(NamedTuple):
    """What of the services is wanted.

    Attributes:
        areas: whether each area is the searcher's.
        wishes: numbers of WISHES that a service may leave unmet, in the order they are told.
        companions: for each kind of hit the code of the kind that goes with it, or -1.
        limit: how many services, at least 1.
    """

    areas: NDArray[np.bool_]
    wishes: NDArray[np.int8]
    companions: NDArray[np.int64]
    limit: int


@brief
def best_of(standing: Standing, ask: Ask, wanted: Wanted) -> tuple[Any, Any, Any, Any, Any]:
    """The best services of all that match, as columns of ``Hits``.

    Args:
        standing: where to search.
        ask: the question.
        wanted: and what is wanted.
    """
    shelves = standing.shelves
    hours = Hours(standing.zone_chance, standing.openings)
    slots, scores = walk(shelves, standing.outlook, wanted.areas, ask, hours, wanted.limit)
    rows, unmet = taken(shelves.rows, slots, wanted.wishes, ask.words_at)
    companions, metres = companions_of(rows, wanted.companions, ask, shelves)
    return rows, scores, unmet, companions, metres


@brief
def page_of(
    standing: Standing, ask: Ask, wanted: Wanted, first: int, last: int
) -> tuple[NDArray[np.uint8], int, float, float]:
    """The best services, those from rank ``first`` to ``last`` as GeoJSON with commas between.

    Args:
        standing: where to search.
        ask: the question.
        wanted: and what is wanted.
        first: at least 1.
        last: no more than ``wanted.limit``.

    Returns:
        Features; how many services were found; the least distance of all found in metres, infinite
        if none has a point; and the greatest of those told, negative if none has.
    """
    rows, scores, unmet, companions, metres = best_of(standing, ask, wanted)
    nearest, farthest = math.inf, -1.0
    for n in range(min(len(rows), last)):
        if rows[n].reach == ON_THE_MAP:
            nearest = min(nearest, scores[n, DISTANCE])
            farthest = max(farthest, scores[n, DISTANCE]) if n + 1 >= first else farthest
    told = slice(first - 1, last)
    features = ranked_features(
        rows[told],
        scores[told],
        unmet[told],
        companions[told],
        metres[told],
        first,
        Pages(standing.texts, standing.openings, ask.at, ask.words_at),
    )
    return features, len(rows), nearest, farthest


@compiled
def taken(
    rows: NDArray[Any], slots: NDArray[Any], wishes: NDArray[Any], words_at: float
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Copies of the rows in some slots, and of each the wishes it may leave unmet.

    Args:
        rows: of ROW.
        slots: which.
        wishes: numbers of WISHES.
        words_at: POSIX time at which the latest words must hold to be told.

    Returns:
        Rows, and numbers of WISHES for each, ended by a negative one.
    """
    hits = np.empty(len(slots), rows.dtype)
    unmet = np.full((len(slots), len(wishes) + 1), -1, np.int8)
    for n in range(len(slots)):
        hits[n] = row = rows[slots[n]]
        found = 0
        for wish in wishes:
            if wish == OPEN_NOW:
                is_unmet = row.door_hours == NO_HOURS
            elif wish == AVAILABLE_ONLY:
                is_unmet = state_at(row, words_at) == UNKNOWN
            elif wish == MAX_KM:
                is_unmet = row.reach == FOUND_BY_AREA
            else:
                is_unmet = (row.yes | row.no) >> np.uint64(wish) & np.uint64(1) == 0
            if is_unmet:
                unmet[n, found] = wish
                found += 1
    return hits, unmet
