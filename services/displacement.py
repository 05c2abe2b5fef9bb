"""The displaced point of an approximate site: what anyone may know of its place.

Distance and rank use only this point, so that measuring from many places finds it and nothing else.
"""

import math
import uuid

from django.contrib.gis.geos import Point
from django.utils.crypto import salted_hmac

NEAREST_M, FARTHEST_M = 1_200.0, 2_500.0
METRES_PER_DEGREE = 111_195.0


def displaced_point(location: Point, site_id: uuid.UUID) -> Point:
    """A point between 1.2 and 2.5 km off, evenly spread over that ring, the same at every call.

    Args:
        location: the true point, in degrees.
        site_id: with the installation's secret key it decides direction and distance. The result is
            stored with the site, so that a later change of the key does not make a second point to
            compare with.

    Returns:
        A point in degrees. It is kept within one rounding of 0.0001°, which tells nothing more.
    """
    digest = salted_hmac("services.displacement", str(site_id), algorithm="sha256").digest()
    turn, spread = (int.from_bytes(part, "big") / 2**64 for part in (digest[:8], digest[8:16]))
    distance_m = math.sqrt(NEAREST_M**2 + spread * (FARTHEST_M**2 - NEAREST_M**2))
    north_m = distance_m * math.cos(2 * math.pi * turn)
    east_m = distance_m * math.sin(2 * math.pi * turn)
    lat = location.y + north_m / METRES_PER_DEGREE
    lon = location.x + east_m / (METRES_PER_DEGREE * math.cos(math.radians(location.y)))
    return Point(round(lon, 4), round(lat, 4), srid=4326)
