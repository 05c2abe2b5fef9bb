"""Real towns: where made-up services cluster, and where made-up searchers stand."""

import functools
import math
import random
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from services.geodesy import great_circle_m

CITIES = Path(settings.BASE_DIR) / "fixtures" / "places" / "cities500_us_ca_pr.csv.gz"
ZONE = "America/New_York"  # all searchers' time zone, so that it is night for all of them at once
BIG, LARGE, SMALL = 500_000, 100_000, 2_000  # people
EDGE_KM = 25.0
FAR_KM = 70.0  # from every large town
KM_PER_DEGREE = 111.195
OVERSEAS = (-20.0, 160.0)  # longitudes, from off Iceland eastwards to the Pacific

LatLon = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Town:
    """A town of the United States; latitude and longitude in degrees."""

    name: str
    region: str
    lat: float
    lon: float
    time_zone: str
    population: int

    @property
    def spread(self) -> float:
        """Standard deviation of its services' places, in degrees: large towns reach farther."""
        return min(0.15, 0.012 * math.sqrt(max(self.population, 1000) / 20_000))


@functools.cache
def towns() -> list[Town]:
    """All towns of 500 people and more, in the order of the published table."""
    from services.places import cities

    return [
        Town(p.name, p.region, p.location.y, p.location.x, p.time_zone, p.population)
        for p in cities(CITIES)
        if p.country == "US" and p.population >= 500
    ]


def searchers(density: str, count: int, seed: int = 2) -> list[LatLon]:
    """Where people search from: ``dense`` in a big city, ``suburban`` at its edge, ``rural``.

    And from ``overseas``: other continents and oceans.
    """
    dice = random.Random(f"{seed} {density}")
    if density == "overseas":
        anywhere = ((dice.uniform(-60, 60), dice.uniform(*OVERSEAS)) for _ in range(count))
        return [(round(lat, 5), round(lon, 5)) for lat, lon in anywhere]
    eastern = [town for town in towns() if town.time_zone == ZONE]
    big = [town for town in eastern if town.population >= BIG]
    if density == "dense":
        return [_beside(dice, town, 0.02) for town in dice.choices(big, k=count)]
    if density == "suburban":
        return [_at_the_edge(dice, town) for town in dice.choices(big, k=count)]
    large = [town for town in towns() if town.population >= LARGE]
    small = [town for town in eastern if town.population <= SMALL]
    dice.shuffle(small)
    far = (town for town in small if _is_far(town, large))
    return [_beside(dice, town, 0.05) for town, _ in zip(far, range(count), strict=False)]


def _beside(dice: random.Random, town: Town, degrees: float) -> LatLon:
    return round(town.lat + dice.gauss(0, degrees), 5), round(town.lon + dice.gauss(0, degrees), 5)


def _at_the_edge(dice: random.Random, town: Town) -> LatLon:
    angle = dice.uniform(0, 2 * math.pi)
    north, east = (EDGE_KM / KM_PER_DEGREE * f(angle) for f in (math.cos, math.sin))
    return round(town.lat + north, 5), round(town.lon + east / math.cos(math.radians(town.lat)), 5)


def _is_far(town: Town, large: list[Town]) -> bool:
    return all(
        great_circle_m(town.lat, town.lon, other.lat, other.lon) > FAR_KM * 1000 for other in large
    )
