"""What one service costs a searcher: its expected minutes, and their parts."""

import math
from typing import NamedTuple

from locator_offline.blocks import Entry
from locator_offline.geodesy import earth_point, geodesic_m
from locator_offline.hours import Zone
from locator_offline.question import Question
from locator_offline.ranking import (
    AREA_TRAVEL_MINUTES,
    SPEED_KMH,
    chance_open_by_clock,
    expected_minutes,
    fade,
    success_chance,
    travel_minutes,
    usable_minutes,
    wait_and_chance_open,
)
from locator_offline.records import CLOSED_TEMPORARILY, Service

SURELY = 1 - 1e-9  # a bound stays a bound when floating point rounds


class Found(NamedTuple):
    """A service with its cost; in the order of the first three, which no two share."""

    expected: float
    distance_m: float
    number: int
    travel: float
    wait: float
    p_open: float
    p_served: float
    entry: Entry


class Weighing:
    """Weighs services for one question."""

    def __init__(self, question: Question) -> None:
        self._asked, self._at = question, question.at
        self._x, self._y, self._z = earth_point(question.lat, question.lon)
        self._speed = SPEED_KMH[question.mode]
        self._max_m = math.inf if question.max_km is None else question.max_km * 1000.0
        self._chances: dict[str, float] = {}  # of doors of unknown hours, by zone

    def on_the_map(self, entry: Entry, bar: float) -> Found | None:
        """A service with a point; None if it is too far, or costs more than ``bar`` surely.

        Coming nearer never makes a service cost more: with the straight line for the way its cost
        is a lower bound, and the geodesic need not be found.
        """
        dx, dy, dz = entry.x - self._x, entry.y - self._y, entry.z - self._z
        straight = math.sqrt(dx * dx + dy * dy + dz * dz) * SURELY
        served = self._chance_served(entry.service)
        least, *_ = self._parts(entry, travel_minutes(straight, self._speed), served)
        if least * SURELY > bar or straight > self._max_m:
            return None
        lat, lon = entry.site.lat, entry.site.lon
        distance = geodesic_m(self._asked.lat, self._asked.lon, lat, lon)  # type: ignore[arg-type]
        if distance > self._max_m:
            return None
        return self._found(entry, distance, travel_minutes(distance, self._speed), served)

    def elsewhere(self, entry: Entry) -> Found:
        """A service without a point."""
        travel = 0.0 if entry.site.remote else AREA_TRAVEL_MINUTES
        return self._found(entry, 0.0, travel, self._chance_served(entry.service))

    def _found(self, entry: Entry, distance: float, travel: float, served: float) -> Found:
        expected, wait, open_ = self._parts(entry, travel, served)
        return Found(expected, distance, entry.number, travel, wait, open_, served, entry)

    def _parts(self, entry: Entry, travel: float, served: float) -> tuple[float, float, float]:
        """Expected minutes, minutes of waiting, and the chance to find it open."""
        service, wait = entry.service, 0.0
        if service.care is None:
            open_ = self._chance_open(entry.site.zone)
        else:
            usable = usable_minutes(service.care.around(self._at), travel, self._at)
            wait, open_ = wait_and_chance_open(travel, usable)
        if service.state_at(self._at) == CLOSED_TEMPORARILY:
            open_ = 0.0
        return expected_minutes(travel, wait, open_, served), wait, open_

    def _chance_served(self, service: Service) -> float:
        age = (self._at - service.evidence_at) / 60
        left = fade(age, service.half_life_minutes)
        return success_chance(service.prior, service.evidence_for, service.evidence_against, left)

    def _chance_open(self, zone: Zone) -> float:
        if (chance := self._chances.get(zone.name)) is None:
            chance = chance_open_by_clock(*zone.weekday_and_hour(self._at))
            self._chances[zone.name] = chance
        return chance
