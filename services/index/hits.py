"""What the index gives back."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from services.hours import DoorState
from services.index.columns import KINDS, ON_THE_MAP
from services.index.openings import Openings
from services.index.rendering import DOOR_CLOSED, DOOR_STATES, WISHES, Pages, door_at
from services.vocabulary import Kind


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

    @property
    def ids(self) -> list[uuid.UUID]:
        """Of each its service's."""
        halves = zip(self.rows["id_high"].tolist(), self.rows["id_low"].tolist(), strict=True)
        return [_uuid_of(high << 64 | low) for high, low in halves]

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
            id=_uuid_of(int(row["id_high"]) << 64 | int(row["id_low"])),
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


def _uuid_of(number: int) -> uuid.UUID:
    """As psycopg makes them: without its constructor, which takes three times as long."""
    made = object.__new__(uuid.UUID)
    object.__setattr__(made, "int", number)
    object.__setattr__(made, "is_safe", uuid.SafeUUID.unknown)
    return made


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


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """Some of the services found, as GeoJSON.

    Attributes:
        features: with commas between.
        found: how many services were found, those left out of the page included.
        nearest_m: the least distance of those and the ones before; infinite if none has a point.
        farthest_m: the greatest distance on the page; negative if none has a point.
    """

    features: NDArray[np.uint8]
    found: int
    nearest_m: float
    farthest_m: float


@dataclass(frozen=True, slots=True, repr=False)
class Around:
    """Services within a distance, in no order, as columns.

    Attributes:
        rows: copies, of ROW.
        metres: geodesic distance of each; infinite for a service without a point.
    """

    rows: NDArray[Any]
    metres: NDArray[np.float64]
