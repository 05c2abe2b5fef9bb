"""The displaced point of an approximate site: what anyone may know of its place.

Distance and rank use only this point, so that measuring from many places finds it and nothing else.
"""

import math
import uuid
from collections.abc import Sequence

from django.contrib.gis.geos import MultiPoint, Point
from django.utils.crypto import salted_hmac

from services.geodesy import geodesic_m

NEAREST_M, FARTHEST_M = 1_200.0, 2_500.0
METRES_PER_DEGREE = 111_195.0

# The displaced point stays while the true one moves less than it takes to leave this ring: a door
# corrected by a few houses must not make a second point to compare the first with.
KEPT_FROM_M, KEPT_UP_TO_M = 1_000.0, FARTHEST_M + 1_000.0

MOST_TRIES = 64


def displaced_point(location: Point, site_id: uuid.UUID, turn: str = "") -> Point:
    """A point between 1.2 and 2.5 km off, evenly spread over that ring, the same at every call.

    Args:
        location: the true point, in degrees.
        site_id: with the installation's secret key it decides direction and distance. The result is
            stored with the site, so that a later change of the key does not make a second point to
            compare with.
        turn: names another direction for the same site; empty for its first.

    Returns:
        A point in degrees. It is kept within one rounding of 0.0001°, which tells nothing more.
    """
    seed = f"{site_id} {turn}" if turn else str(site_id)
    digest = salted_hmac("services.displacement", seed, algorithm="sha256").digest()
    part, spread = (int.from_bytes(one, "big") / 2**64 for one in (digest[:8], digest[8:16]))
    distance_m = math.sqrt(NEAREST_M**2 + spread * (FARTHEST_M**2 - NEAREST_M**2))
    north_m = distance_m * math.cos(2 * math.pi * part)
    east_m = distance_m * math.sin(2 * math.pi * part)
    lat = location.y + north_m / METRES_PER_DEGREE
    lon = location.x + east_m / (METRES_PER_DEGREE * math.cos(math.radians(location.y)))
    return Point(round(lon, 4), round(lat, 4), srid=4326)


def hides(shown: Point, location: Point) -> bool:
    """Whether a displaced point is far enough from a true one, and near enough to be of use."""
    return KEPT_FROM_M <= _apart_m(shown, location) <= KEPT_UP_TO_M


def _apart_m(one: Point, other: Point) -> float:
    return float(geodesic_m(one.y, one.x, other.y, other.x))


def point_to_show(location: Point, site_id: uuid.UUID, earlier: Sequence[Point]) -> Point:
    """The displaced point of a site that has shown others before, or none.

    One of the earlier points is shown again where it will do: who watches a site that comes and
    goes sees the same points, and their number says nothing. A fresh one lies in a new direction,
    for an old address that became known must not give away the next; and such that no mean of all
    points that were ever shown, however they are weighted, comes within a kilometre of the site,
    unless it has moved in between the earlier ones.

    Args:
        location: the true point, in degrees.
        site_id: of the site.
        earlier: what was shown before, the oldest first.
    """
    if not earlier:
        return displaced_point(location, site_id)
    for point in earlier:
        if hides(point, location):
            return point
    around = f"{location.y:.2f} {location.x:.2f}"
    tries = [
        displaced_point(location, site_id, f"{len(earlier)} {around} {n}")
        for n in range(MOST_TRIES)
    ]
    # One that it has come close to since is no place of its own: no mean with it can be farther.
    off = [one for one in earlier if _apart_m(one, location) >= KEPT_FROM_M]
    return max(tries, key=lambda one: min(_nearest_mean_m(location, [*off, one]), KEPT_FROM_M))


def _nearest_mean_m(location: Point, points: Sequence[Point]) -> float:
    east = METRES_PER_DEGREE * math.cos(math.radians(location.y))
    flat = [
        Point((one.x - location.x) * east, (one.y - location.y) * METRES_PER_DEGREE)
        for one in points
    ]
    return float(MultiPoint(flat).convex_hull.distance(Point(0, 0)))
