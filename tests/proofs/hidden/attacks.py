"""Attacks on the place of an approximate site: from answers alone, by least squares."""

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.contrib.gis.geos import Point
from django.test import Client
from numpy.typing import NDArray

from services.editing import edit_site
from services.geodesy import geodesic_m
from services.index import live_index
from services.models import Service, Site
from services.ranking import DETOUR, SPEED_KMH
from services.vocabulary import Kind, Role, Visibility
from tests.builders import a_service, a_service_at, a_site, a_token, an_account

HERE = (39.9526, -75.1652)
METRES_PER_DEGREE = 111_195.0
REACH_M = 9_000.0  # how far off the attacker searches from; there a plane is good to some metres
NEAR_M = 1_000.0
DECOYS = 14  # public services in a row, this many rows

Floats = NDArray[np.float64]
Ask = Callable[[str, dict[str, Any]], dict[str, Any]]


@dataclass
class Seen:
    """What searches told of one service."""

    origins: list[tuple[float, float]] = field(default_factory=list)
    metres: list[float] = field(default_factory=list)
    minutes: list[float] = field(default_factory=list)
    by_order: list[float] = field(default_factory=list)


class Attacker:
    """Knows what services there are, and searches from wherever it likes."""

    def __init__(self, target: Service, seed: int = 1) -> None:
        self.target, self.random = str(target.pk), np.random.default_rng(seed)
        self.client = Client(
            headers={"Authorization": f"Bearer {a_token(an_account(Role.OUTREACH))}"}
        )

    def ask(self, to: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        """The features of an answer."""
        response = self.client.post(f"/api/v1/{to}/", body, content_type="application/json")
        features: list[dict[str, Any]] = json.loads(response.content)["features"]
        return features

    def search(self, times: int, to: str = "nearby") -> Seen:
        """Search from places all around."""
        seen = Seen()
        for _ in range(times):
            lat, lon = away(HERE, *self.random.uniform(-REACH_M, REACH_M, 2))
            origin = {"lat": round(lat, 6), "lon": round(lon, 6)}
            features = self.ask(to, origin | {"mode": "walk", "limit": 50, "kinds": ["naloxone"]})
            self._note(seen, (origin["lat"], origin["lon"]), features)
        return seen

    def _note(
        self, seen: Seen, origin: tuple[float, float], features: list[dict[str, Any]]
    ) -> None:
        places = [one["id"] for one in features]
        if self.target not in places:
            return
        place = places.index(self.target)
        told = features[place]["properties"]
        seen.origins.append(origin)
        seen.metres.append(told["distance_m"])
        seen.minutes.append(told["travel_minutes"])
        beside = [
            metres_to(origin, one["geometry"]["coordinates"][::-1])
            for one in features[max(0, place - 1) : place + 2]
            if one["id"] != self.target and one["geometry"]
        ]
        seen.by_order.append(sum(beside) / len(beside) if beside else float("nan"))


def away(point: tuple[float, float], north_m: float, east_m: float) -> tuple[float, float]:
    """A point so many metres off."""
    east = METRES_PER_DEGREE * np.cos(np.radians(point[0]))
    return float(point[0] + north_m / METRES_PER_DEGREE), float(point[1] + east_m / east)


def metres_to(one: Sequence[float], other: Sequence[float]) -> float:
    """Between two points of latitude and longitude."""
    return float(geodesic_m(one[0], one[1], other[0], other[1]))


def located(origins: Sequence[tuple[float, float]], metres: Sequence[float]) -> tuple[float, float]:
    """The point whose distances to the origins fit best: Gauss-Newton, on the ellipsoid.

    Starts from several places, since far off a first step may go astray.
    """
    starts = [away(HERE, n, e) for n in (-6e3, 0.0, 6e3) for e in (-6e3, 0.0, 6e3)]
    known = ~np.isnan(np.array(metres))
    places = np.array(origins)[known]
    told = np.array(metres)[known]
    return min((_fitted(start, places, told) for start in starts), key=lambda one: one[1])[0]


def _fitted(
    start: tuple[float, float], origins: Floats, told: Floats
) -> tuple[tuple[float, float], float]:
    guess = start
    for _ in range(25):
        distances = np.array([metres_to(guess, one) for one in origins])
        north = np.array([metres_to(away(guess, 1.0, 0.0), one) for one in origins]) - distances
        east = np.array([metres_to(away(guess, 0.0, 1.0), one) for one in origins]) - distances
        step, *_ = np.linalg.lstsq(np.column_stack([north, east]), told - distances, rcond=None)
        guess = away(guess, *np.clip(step, -3e3, 3e3))
        if np.abs(step).max() < 0.01:
            break
    return guess, float(np.abs(told - distances).mean())


def metres_of_minutes(minutes: Sequence[float]) -> list[float]:
    """What minutes on foot say of a distance."""
    return [one / 60 * SPEED_KMH["walk"] / DETOUR * 1000 for one in minutes]


def a_target() -> Service:
    """A hidden service among public ones, in a grid that the attacker knows."""
    site = a_site(*HERE, visibility=Visibility.APPROXIMATE)
    target = a_service(site, Kind.NALOXONE)
    across = np.linspace(-REACH_M, REACH_M, DECOYS)
    for north in across:
        for east in across:
            a_service_at(*away(HERE, north, east), Kind.NALOXONE)
    live_index.catch_up()
    return target


def shown_point(site_id: uuid.UUID) -> tuple[float, float] | None:
    """What anybody sees of a site."""
    site = Site.objects.as_shown().get(pk=site_id)
    lat, lon = site.shown_lat, site.shown_lon  # type: ignore[attr-defined]
    return None if lat is None else (lat, lon)


def shown_through(site: Site, moves: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """What anybody sees while a site hides, shows itself and moves: metres north and east."""
    seen = []
    assert site.location
    start = (site.location.y, site.location.x)
    for north, east in moves:
        lat, lon = away(start, north, east)
        for visibility in (Visibility.PHONE_ONLY, Visibility.APPROXIMATE):
            edit_site(
                site_id=site.pk,
                changes={"location": Point(lon, lat, srid=4326), "visibility": visibility},
            )
        seen.append(shown_point(site.pk))
    return [one for one in seen if one]


def middle(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Their mean."""
    lat, lon = np.mean(np.array(points), axis=0)
    return float(lat), float(lon)


def misses_of_means(
    seen: Sequence[tuple[float, float]], moves: Sequence[tuple[float, float]]
) -> list[float]:
    """How far weighted means of two points shown are off the site, when it shows the later."""
    misses = []
    for n in range(1, len(seen)):
        if seen[n] not in seen[:n]:
            now = away(HERE, *moves[n])
            # What it has come close to since was shown for another place.
            for earlier in (
                one for one in dict.fromkeys(seen[:n]) if metres_to(one, now) >= NEAR_M
            ):
                for weight in np.linspace(0, 1, 21):
                    mean = np.array(earlier) * weight + np.array(seen[n]) * (1 - weight)
                    misses.append(metres_to((float(mean[0]), float(mean[1])), now))
    return misses
