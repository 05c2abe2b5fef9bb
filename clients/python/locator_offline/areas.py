"""Whose services without a point count: those of the areas with a town near the searcher."""

import math
from collections.abc import Iterable

from locator_offline.pack import Town
from locator_offline.records import Area

NEAR_KM = 40.0  # across a state line too
KM_PER_DEGREE = 111.195


def areas_near(towns: Iterable[Town], lat: float, lon: float) -> frozenset[Area]:
    """Countries and regions whose towns are near, or the nearest ones'; and their whole countries.

    Distances are those of a flat map.

    Args:
        towns: of all regions held.
        lat, lon: degrees.
    """
    narrower = math.cos(math.radians(lat))
    near, nearest, own = set[Area](), math.inf, set[Area]()
    for town in towns:
        east = abs(town.lon - lon)
        east = min(east, 360 - east) * narrower
        km = math.sqrt((town.lat - lat) ** 2 + east**2) * KM_PER_DEGREE
        if km <= NEAR_KM:
            near.add(town.area)
        if km < nearest:
            nearest, own = km, {town.area}
        elif km == nearest:  # packs may be held in any order
            own.add(town.area)
    found = near or own
    return frozenset(found | {(country, "") for country, _ in found})
