"""The services as columns: one NumPy array for each thing that ranking or a filter reads."""

import math
from typing import Any

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
    low_barrier,
)

KINDS = list(Kind)
KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}
STATES = list(Availability)
STATE_CODE = {state: code for code, state in enumerate(STATES)}
FACT_BIT = {fact: 1 << bit for bit, fact in enumerate([*ACCESS_FACTS, LOW_BARRIER])}

HALF_LIFE_MINUTES = np.array([KIND_FACTS[kind].half_life.total_seconds() / 60 for kind in KINDS])

NO_HOURS = -1
ON_THE_MAP, FOUND_BY_AREA, REMOTE = 0, 1, 2

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
        ("expires_at", "f8"),
        ("closed_until", "f8"),
        ("checked_at", "f8"),  # when somebody last said how it is; 0 if never, or if disputed
        ("yes", "u8"),
        ("no", "u8"),
        ("id_high", "u8"),
        ("id_low", "u8"),
        ("care_hours", "i4"),
        ("door_hours", "i4"),
        ("zone", "i2"),
        ("area", "i2"),
        ("kind", "u1"),
        ("state", "u1"),
        ("reach", "u1"),
        ("alive", "u1"),
    ],
    align=True,
)

Rows = NDArray[Any]


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


def fact_bits(access: dict[str, bool]) -> tuple[int, int]:
    """The facts answered yes and those answered no, as two sets of bits."""
    yes = sum(FACT_BIT[fact] for fact, answer in access.items() if answer)
    no = sum(FACT_BIT[fact] for fact, answer in access.items() if not answer)
    return yes, no


def fill_row(
    row: Any, service: ListedService, *, care_hours: int, door_hours: int, zone: int, area: int
) -> None:
    """Write what ranking reads of a service into one row of ROW.

    Args:
        row: a writable view of one row.
        service: the service.
        care_hours, door_hours: numbers of schedules, or NO_HOURS.
        zone, area: numbers of its time zone, and of its area if it has no point.
    """
    word = service.word
    derived = low_barrier(service.access)
    facts = service.access if derived is None else service.access | {LOW_BARRIER: derived}
    row["yes"], row["no"] = fact_bits(facts)
    row["lat"], row["lon"] = service.point or (0.0, 0.0)
    row["x"], row["y"], row["z"] = earth_point(*(service.point or (0.0, 0.0)))
    own = word.long_run_chance
    row["prior"] = KIND_FACTS[service.kind].prior if own is None else own
    row["evidence_for"], row["evidence_against"] = word.evidence_for, word.evidence_against
    row["evidence_at"] = word.evidence_at.timestamp() if word.evidence_at else 0.0
    row["expires_at"] = word.expires_at.timestamp() if word.expires_at else 0.0
    row["closed_until"] = word.closed_until.timestamp() if word.closed_until else 0.0
    row["checked_at"] = _checked_at(service)
    row["id_high"], row["id_low"] = service.id.int >> 64, service.id.int & (2**64 - 1)
    row["care_hours"], row["door_hours"] = care_hours, door_hours
    row["zone"], row["area"] = zone, area
    row["kind"], row["state"] = KIND_CODE[service.kind], STATE_CODE[Availability(word.state)]
    row["reach"] = ON_THE_MAP if service.point else REMOTE if service.remote else FOUND_BY_AREA
    row["alive"] = 1


def _checked_at(service: ListedService) -> float:
    if service.word.disputed:
        return 0.0
    said = (service.word.as_of, service.properties["confirmed_at"])
    return max((moment.timestamp() for moment in said if moment), default=0.0)
