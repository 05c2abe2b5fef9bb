"""Postal codes and cities into the database, from published tables."""

import csv
import gzip
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from django.contrib.gis.geos import Point
from django.db import transaction

from services.imports.bulk import create
from services.models import Place
from services.zones import time_zone_at

# GeoNames numbers Canada's provinces; https://www.geonames.org/export/codes.html (admin1Codes).
PROVINCES = {
    "01": "AB", "02": "BC", "03": "MB", "04": "NB", "05": "NL", "07": "NS", "08": "ON",
    "09": "PE", "10": "QC", "11": "SK", "12": "YT", "13": "NT", "14": "NU",
}  # fmt: skip

Progress = Callable[[Iterable[Place]], Iterable[Place]]


def postal_codes(path: Path) -> Iterator[Place]:
    """ZIP centroids of a gzipped table with the columns zip, latitude, longitude (degrees)."""
    for row in _rows(path):
        lat, lon = float(row["latitude"]), float(row["longitude"])
        yield Place(
            type=Place.Type.POSTAL_CODE,
            name=row["zip"].zfill(5),
            country="US",
            location=Point(lon, lat, srid=4326),
            time_zone=time_zone_at(lat, lon),
        )


def cities(path: Path) -> Iterator[Place]:
    """Cities of a gzipped GeoNames table, with their own time zones; Puerto Rico is region PR."""
    for row in _rows(path):
        country, region = row["countrycode"], row["admin1code"]
        if country == "PR":
            country, region = "US", "PR"
        elif country == "CA":
            region = PROVINCES.get(region, "")
        yield Place(
            type=Place.Type.CITY,
            name=row["name"],
            region=region,
            country=country,
            location=Point(float(row["longitude"]), float(row["latitude"]), srid=4326),
            time_zone=row["timezone"],
            population=int(row["population"]),
        )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as table:
        yield from csv.DictReader(table)


def load_places(found: Iterable[Place]) -> tuple[int, int]:
    """Make the table of places what the files say; a second time it changes nothing.

    Returns:
        How many places were added, and how many removed.
    """
    wanted: dict[tuple[object, ...], list[Place]] = {}
    for place in found:
        wanted.setdefault(_facts(place), []).append(place)
    with transaction.atomic():
        gone: list[int] = []
        for place in Place.objects.iterator(chunk_size=5000):
            same = wanted.get(_facts(place))
            if same:
                same.pop()
            else:
                gone.append(place.pk)
        new = [place for places in wanted.values() for place in places]
        Place.objects.filter(pk__in=gone).delete()
        create(new)
    return len(new), len(gone)


def _facts(place: Place) -> tuple[object, ...]:
    point = (round(place.location.x, 6), round(place.location.y, 6))
    what = (place.type, place.name, place.region, place.country)
    return (*what, *point, place.time_zone, place.population)
