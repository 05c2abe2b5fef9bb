"""What the index is asked, and what it gives back."""

import datetime as dt
import math
import uuid
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.hours import DoorState
from services.index.columns import earth_point, fact_bits
from services.index.rendering import Card
from services.index.scoring import ASK
from services.ranking import SPEED_KMH
from services.vocabulary import Kind

Area = tuple[str, str]

EVERYWHERE = (-math.inf, -math.inf, math.inf, math.inf)


@dataclass(frozen=True, slots=True, repr=False)
class Query:
    """What the index is asked. It has no repr: no traceback or log can hold a position.

    Attributes:
        lat, lon: degrees.
        areas: countries and regions ("" for the whole country) whose services without a point
            count.
        box: south, west, north, east in degrees; its northern and eastern edges are outside.
        access: fact → the answer wanted.
    """

    lat: float
    lon: float
    at: dt.datetime
    kinds: tuple[Kind, ...]
    mode: str = "transit"
    areas: frozenset[Area] = frozenset()
    open_now: bool = False
    available_only: bool = False
    max_km: float | None = None
    box: tuple[float, float, float, float] = EVERYWHERE
    access: dict[str, bool] = field(default_factory=dict)
    strict: bool = False
    limit: int = 20


@dataclass(frozen=True, slots=True, repr=False)
class Hit:
    """A service found, with the parts of its rank.

    Attributes:
        distance_m: None for a service without a point.
        unmet: filters it may not meet, because the fact is unknown.
    """

    id: uuid.UUID
    card: Card
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
class Around:
    """Services within a distance, in no order, as columns.

    Attributes:
        rows: copies, of ROW.
        metres: geodesic distance of each; infinite for a service without a point.
    """

    rows: NDArray[Any]
    metres: NDArray[np.float64]


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """What the index tells of a service, whoever asks."""

    card: Card
    door: DoorState


@dataclass(frozen=True, slots=True, repr=False)
class Companion:
    """A service that goes with a hit, and how far it is from the hit's site."""

    card: Card
    distance_m: float
    door: DoorState


def ask_of(query: Query) -> NDArray[Any]:
    """The query as the compiled walk reads it: one row of ASK."""
    asks = np.zeros(1, dtype=ASK)
    ask = asks[0]
    ask["lat"], ask["lon"] = query.lat, query.lon
    ask["x"], ask["y"], ask["z"] = earth_point(query.lat, query.lon)
    ask["at"] = query.at.timestamp()
    ask["speed_kmh"] = SPEED_KMH[query.mode]
    ask["max_m"] = np.inf if query.max_km is None else query.max_km * 1000
    ask["south"], ask["west"], ask["north"], ask["east"] = query.box
    ask["want_yes"], ask["want_no"] = fact_bits(query.access)
    ask["open_now"], ask["available_only"] = query.open_now, query.available_only
    ask["strict"] = query.strict
    return asks
