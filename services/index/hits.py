"""What the index gives back."""

import dataclasses
import datetime as dt
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from services.compiled import compiled
from services.hours import DoorState
from services.index.columns import FACTS, FOUND_BY_AREA, KINDS, NO_HOURS, ON_THE_MAP
from services.index.openings import Openings
from services.index.rendering import (
    DOOR_CLOSED,
    DOOR_STATES,
    WISHES,
    Pages,
    door_at,
    ranked_features,
)
from services.index.scoring import DISTANCE, UNKNOWN, state_at
from services.vocabulary import Kind

COLUMNS = ("rows", "scores", "unmet", "companions", "companion_metres")
OPEN_NOW, AVAILABLE_ONLY, MAX_KM = range(len(FACTS), len(WISHES))


@dataclass(frozen=True, slots=True, repr=False)
class Hit:
    """A service found, with the parts of its rank.

    Attributes:
        distance_m: None for a service without a point.
        unmet: filters it may not meet, because the fact is unknown.
    """

    id: uuid.UUID
    kind: Kind
    expected_minutes: float
    distance_m: float | None
    travel_minutes: float
    wait_minutes: float
    p_open: float
    p_served: float
    door: DoorState
    unmet: list[str]


@dataclass(frozen=True, slots=True, repr=False)
class Hits(Sequence[Hit]):
    """Services found, best first, as they stood at that moment.

    Attributes:
        rows: copies, of ROW.
        scores: shape (found, 6), see scoring.py.
        unmet: of each the numbers of WISHES it may leave unmet, ended by a negative one.
        companions: of ROW, what goes with each; not alive where nothing is to be had.
        companion_metres: how far that is from it; negative where its kind needs none.
        pages: what they are told with.
        zones: time zones by number.
    """

    rows: NDArray[Any]
    scores: NDArray[np.float64]
    unmet: NDArray[np.int8]
    companions: NDArray[Any]
    companion_metres: NDArray[np.float64]
    pages: Pages
    zones: list[ZoneInfo]

    def __len__(self) -> int:
        """How many."""
        return len(self.rows)

    @overload
    def __getitem__(self, position: int) -> Hit: ...
    @overload
    def __getitem__(self, position: slice) -> list[Hit]: ...
    def __getitem__(self, position: int | slice) -> Hit | list[Hit]:
        """One hit, or some."""
        if isinstance(position, slice):
            return [self[n] for n in range(*position.indices(len(self)))]
        row, score = self.rows[position], self.scores[position].tolist()
        expected, distance, travel, wait, open_, served = score
        return Hit(
            id=uuid.UUID(int=int(row["id_high"]) << 64 | int(row["id_low"])),
            kind=KINDS[row["kind"]],
            expected_minutes=expected,
            distance_m=distance if row["reach"] == ON_THE_MAP else None,
            travel_minutes=travel,
            wait_minutes=wait,
            p_open=open_,
            p_served=served,
            door=_door_state(row, self.pages, self.zones[row["zone"]]),
            unmet=[WISHES[wish] for wish in self.unmet[position] if wish >= 0],
        )

    def reach_m(self, first: int = 1) -> tuple[float, float]:
        """The least and the greatest distance from rank ``first`` on, in metres.

        Infinite and negative if none has a point.
        """
        return reach_m(self.rows[first - 1 :], self.scores[first - 1 :])

    def first(self, count: int) -> "Hits":
        """The first so many."""
        cut = {name: getattr(self, name)[:count] for name in COLUMNS}
        return dataclasses.replace(self, **cut)

    def features(self, first: int = 1) -> bytes:
        """As GeoJSON features with commas between, those from rank ``first`` on."""
        told = slice(first - 1, None)
        companions = self.companions[told], self.companion_metres[told]
        columns = self.rows[told], self.scores[told], self.unmet[told], *companions
        return ranked_features(*columns, first, self.pages).tobytes()


def _door_state(row: Any, pages: Pages, zone: ZoneInfo) -> DoorState:
    openings: Openings = pages.openings
    state, position = door_at(row["door_hours"], openings, pages.at)
    if position < 0:
        return DoorState(DOOR_STATES[state])
    at = (openings.opens if state == DOOR_CLOSED else openings.closes)[position]
    moment = dt.datetime.fromtimestamp(float(at), zone)
    if state == DOOR_CLOSED:
        return DoorState(DOOR_STATES[state], opens_at=moment)
    return DoorState(DOOR_STATES[state], closes_at=moment)


@compiled
def reach_m(hits: NDArray[Any], scores: NDArray[Any]) -> tuple[float, float]:
    """The least and the greatest distance of hits with a point, in metres; see ``Hits``."""
    least, greatest = math.inf, -1.0
    for n in range(len(hits)):
        if hits[n].reach == ON_THE_MAP:
            least, greatest = min(least, scores[n, DISTANCE]), max(greatest, scores[n, DISTANCE])
    return least, greatest


@compiled
def taken(
    rows: NDArray[Any], slots: NDArray[Any], wishes: NDArray[Any], at: float
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Copies of the rows in some slots, and of each the wishes it may leave unmet.

    Args:
        rows: of ROW.
        slots: which.
        wishes: numbers of WISHES.
        at: the POSIX time asked about.

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
                is_unmet = state_at(row, at) == UNKNOWN
            elif wish == MAX_KM:
                is_unmet = row.reach == FOUND_BY_AREA
            else:
                is_unmet = (row.yes | row.no) >> np.uint64(wish) & np.uint64(1) == 0
            if is_unmet:
                unmet[n, found] = wish
                found += 1
    return hits, unmet


@dataclass(frozen=True, slots=True, repr=False)
class Around:
    """Services within a distance, in no order, as columns.

    Attributes:
        rows: copies, of ROW.
        metres: geodesic distance of each; infinite for a service without a point.
    """

    rows: NDArray[Any]
    metres: NDArray[np.float64]
