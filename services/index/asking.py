"""What the index is asked."""

import datetime as dt
import functools
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.index.cases import cases_wanted
from services.index.columns import KIND_CODE, KINDS, earth_point, fact_bits
from services.index.rendering import WISHES
from services.index.scoring import Ask
from services.ranking import SPEED_KMH, travel_minutes
from services.vocabulary import Kind

Area = tuple[str, str]

EVERYWHERE = (-math.inf, -math.inf, math.inf, math.inf)
WISH_NUMBER = {wish: number for number, wish in enumerate(WISHES)}


@dataclass(frozen=True, slots=True, repr=False)
class Query:
    """What the index is asked. It has no repr: no traceback or log can hold a position.

    Attributes:
        lat, lon: degrees.
        areas: countries and regions ("" for the whole country) whose services without a point
            count.
        box: south, west, north, east in degrees; its northern and eastern edges are outside. No
            service without a point is in one.
        access: fact → the answer wanted.
        words_too_old: whether the index has not been followed for so long that the latest words on
            availability are told no more.
        companions: kinds of result, each with the kind whose nearest service goes with it.
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
    companions: tuple[tuple[Kind, Kind], ...] = ()
    words_too_old: bool = False


def ask_of(query: Query) -> Ask:
    """The query as compiled code reads it."""
    lat, lon, at = float(query.lat), float(query.lon), query.at.timestamp()
    speed_kmh = SPEED_KMH[query.mode]
    return Ask(
        lat,
        lon,
        *earth_point(lat, lon),
        at,
        math.inf if query.words_too_old else at,
        speed_kmh,
        travel_minutes(1.0, speed_kmh),
        math.inf if query.max_km is None else query.max_km * 1000.0,
        *query.box,
        *(fact_bits(query.access) if query.access else (0, 0)),
        _kinds(query.kinds),
        cases_wanted(
            open_now=query.open_now,
            available_only=query.available_only,
            strict=query.strict,
            words_too_old=query.words_too_old,
        ),
        query.open_now,
        query.available_only,
        query.strict,
        query.box is not EVERYWHERE,
        bool(query.access),
    )


@functools.lru_cache(maxsize=1024)
def _kinds(kinds: tuple[Kind, ...]) -> int:
    """A bit for each."""
    return sum(1 << KIND_CODE[kind] for kind in set(kinds))


def wishes_of(query: Query) -> NDArray[np.int8]:
    """The numbers of the wishes that a service may leave unmet, in the order they are told."""
    told = list(query.access)
    told += [wish for wish in ("open_now", "available_only") if getattr(query, wish)]
    if query.max_km is not None:
        told.append("max_km")
    return np.array([WISH_NUMBER[wish] for wish in told], dtype=np.int8)


@functools.lru_cache(maxsize=64)
def companions_wanted(companions: tuple[tuple[Kind, Kind], ...]) -> NDArray[np.int64]:
    """By code of a kind the code of the kind that goes with it, or -1."""
    wanted = np.full(len(KINDS), -1)
    for kind, companion in companions:
        wanted[KIND_CODE[kind]] = KIND_CODE[companion]
    return wanted
