"""Distances, against published values and PostGIS."""

import random

import pytest
from django.contrib.gis.geos import Point
from django.db import connection

from services.geodesy import geodesic_m, great_circle_m


def postgis_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_Distance(%s::geography, %s::geography)",
            [Point(lon, lat, srid=4326).ewkt, Point(other_lon, other_lat, srid=4326).ewkt],
        )
        return float(cursor.fetchone()[0])


@pytest.mark.django_db
@pytest.mark.parametrize("span", [0.001, 0.5, 20])
def test_the_geodesic_is_postgis_own(span: float) -> None:
    dice = random.Random(1)
    for _ in range(100):
        lat, lon = dice.uniform(-80, 80), dice.uniform(-180, 180)
        there = (lat + dice.uniform(-span, span) / 3, lon + dice.uniform(-span, span))
        assert geodesic_m(lat, lon, *there) == pytest.approx(
            postgis_m(lat, lon, *there), abs=1e-5, rel=1e-9
        )


@pytest.mark.django_db
def test_across_the_date_line_and_over_the_pole() -> None:
    for here, there in [((51.0, 179.9), (51.2, -179.9)), ((89.9, 0.0), (89.9, 180.0))]:
        assert geodesic_m(*here, *there) == pytest.approx(postgis_m(*here, *there), abs=1e-4)


def test_no_distance_to_itself() -> None:
    assert geodesic_m(39.95, -75.16, 39.95, -75.16) == 0


def test_opposite_points_fall_back_to_the_sphere() -> None:
    assert geodesic_m(0.0, 0.0, 0.5, 179.7) == pytest.approx(
        great_circle_m(0.0, 0.0, 0.5, 179.7), rel=0.01
    )


def test_compiled_and_uncompiled_agree() -> None:
    points = (39.9526, -75.1652, 40.7128, -74.006)
    assert geodesic_m(*points) == pytest.approx(geodesic_m.py_func(*points))
