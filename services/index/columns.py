"""The services as columns: what ranking, filters and answers read, a row of numbers each."""

import datetime as dt
import functools
import math
import operator
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.geodesy import EQUATOR_M, FLATTENING
from services.listing import ListedService
from services.vocabulary import (
    ACCESS_FACTS,
    KIND_FACTS,
    LOW_BARRIER,
    Availability,
    Kind,
    Reporter,
)

KINDS = list(Kind)
KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}
STATES = list(Availability)
STATE_CODE: dict[str, int] = {state: code for code, state in enumerate(STATES)}
REPORTERS = ["", *Reporter]  # the first: nobody has reported
REPORTER_CODE = {reporter: code for code, reporter in enumerate(REPORTERS)}
FACTS = [*ACCESS_FACTS, LOW_BARRIER]
FACT_BIT = {fact: 1 << bit for bit, fact in enumerate(FACTS)}

HALF_LIFE_MINUTES = np.array([KIND_FACTS[kind].half_life.total_seconds() / 60 for kind in KINDS])

NO_HOURS = -1
NO_COUNT = -1
NEVER = 0.0  # of a time
ON_THE_MAP, FOUND_BY_AREA, REMOTE = 0, 1, 2

# Times are POSIX seconds; counts are NO_COUNT where there is none; place, name, facts, windows and
# note are numbers of texts (see texts.py).
ROW = np.dtype(
    [
        ("lat", "f8"),
        ("lon", "f8"),
        ("x", "f8"),
        ("y", "f8"),
        ("z", "f8"),
        ("prior", "f8"),
        ("evidence_for", "f8"),
        ("evidence_against", "f8"),
        ("evidence_at", "f8"),
        ("as_of", "f8"),
        ("expires_at", "f8"),
        ("closed_at", "f8"),
        ("closed_until", "f8"),
        ("confirmed_at", "f8"),
        ("yes", "u8"),
        ("no", "u8"),
        ("id_high", "u8"),
        ("id_low", "u8"),
        ("care_hours", "i4"),
        ("door_hours", "i4"),
        ("place", "i4"),
        ("name", "i4"),
        ("facts", "i4"),
        ("windows", "i4"),
        ("note", "i4"),
        ("remaining", "i4"),
        ("wait_days", "i4"),
        ("zone", "i2"),
        ("area", "i2"),
        ("kind", "u1"),
        ("state", "u1"),
        ("reported_by", "u1"),
        ("closed_by", "u1"),
        ("disputed", "u1"),
        ("reach", "u1"),
        ("alive", "u1"),
    ],
    align=True,
)

Rows = NDArray[Any]
TEXTS = ("place", "name", "facts", "windows", "note")


def earth_point(lat: float, lon: float) -> tuple[float, float, float]:
    """Where a point on the WGS 84 ellipsoid is in space: metres from the Earth's middle.

    The straight line between two such points is never longer than the way over the surface, so it
    bounds the distance from below, across the poles and the date line too.
    """
    phi, lam = math.radians(lat), math.radians(lon)
    eccentricity2 = FLATTENING * (2 - FLATTENING)
    normal = EQUATOR_M / math.sqrt(1 - eccentricity2 * math.sin(phi) ** 2)
    return (
        normal * math.cos(phi) * math.cos(lam),
        normal * math.cos(phi) * math.sin(lam),
        normal * (1 - eccentricity2) * math.sin(phi),
    )


_earth_point_again = functools.lru_cache(maxsize=64)(earth_point)  # a site's services come together


def fact_bits(access: Mapping[str, bool | None]) -> tuple[int, int]:
    """The facts answered yes and those answered no, as two sets of bits; None is no answer."""
    yes = no = 0
    for fact, answer in access.items():
        if answer:
            yes |= FACT_BIT[fact]
        elif answer is not None:
            no |= FACT_BIT[fact]
    return yes, no


class Numbers(NamedTuple):
    """What an index calls by number: schedules (or NO_HOURS), zone, area, and texts."""

    care_hours: int
    door_hours: int
    zone: int
    area: int
    place: int
    name: int
    facts: int
    windows: int
    note: int


_in_order = operator.itemgetter(*(ROW.names or ()))


def row_of(service: ListedService, numbers: Numbers) -> tuple[Any, ...]:
    """A service as one row of ROW."""
    lat, lon = service.point or (0.0, 0.0)
    x, y, z = _earth_point_again(lat, lon)
    yes, no = fact_bits(service.properties["access"])
    values = {
        "lat": lat,
        "lon": lon,
        "x": x,
        "y": y,
        "z": z,
        "yes": yes,
        "no": no,
        "id_high": service.id.int >> 64,
        "id_low": service.id.int & (2**64 - 1),
        "kind": KIND_CODE[service.kind],
        "reach": ON_THE_MAP if service.point else REMOTE if service.remote else FOUND_BY_AREA,
        "alive": 1,
        "confirmed_at": _seconds(service.properties["confirmed_at"]),
    }
    return _in_order(values | _word(service) | numbers._asdict())


def _word(service: ListedService) -> dict[str, Any]:
    word = service.word
    own = word.long_run_chance
    return {
        "prior": KIND_FACTS[service.kind].prior if own is None else own,
        "evidence_for": word.evidence_for,
        "evidence_against": word.evidence_against,
        "evidence_at": _seconds(word.evidence_at),
        "as_of": _seconds(word.as_of),
        "expires_at": _seconds(word.expires_at),
        "closed_at": _seconds(word.closed_at),
        "closed_until": _seconds(word.closed_until),
        "state": STATE_CODE[word.state],
        "remaining": NO_COUNT if word.remaining is None else word.remaining,
        "wait_days": NO_COUNT if word.wait_days is None else word.wait_days,
        "reported_by": REPORTER_CODE[word.reported_by],
        "closed_by": REPORTER_CODE[word.closed_by],
        "disputed": word.disputed,
    }


def _seconds(moment: dt.datetime | None) -> float:
    return NEVER if moment is None else moment.timestamp()
