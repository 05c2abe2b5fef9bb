"""Displaced points: fixed, more than a kilometre off, in no preferred direction."""

import uuid

from django.contrib.gis.geos import Point

from services.displacement import displaced_point
from services.geodesy import geodesic_m

HERE = Point(-75.1652, 39.9526, srid=4326)


def test_the_same_point_every_time() -> None:
    site = uuid.uuid4()
    assert displaced_point(HERE, site).coords == displaced_point(HERE, site).coords


def test_between_one_and_two_and_a_half_kilometres_off_in_all_directions() -> None:
    points = [displaced_point(HERE, uuid.UUID(int=n)) for n in range(500)]
    distances = [geodesic_m(HERE.y, HERE.x, point.y, point.x) for point in points]
    assert min(distances) > 1_100
    assert max(distances) < 2_600
    north = sum(point.y > HERE.y for point in points)
    east = sum(point.x > HERE.x for point in points)
    assert 200 < north < 300
    assert 200 < east < 300
