"""ZIP codes and towns as rows of the database."""

from dataclasses import dataclass

from django.contrib.gis.db import models as gis
from django.db.models import FloatField, Func
from django.db.models.functions import Cast

from services.models import Place

Zips = dict[str, tuple[float, float]]  # latitude and longitude in degrees


@dataclass(frozen=True, slots=True)
class Town:
    """A city, with its place and size."""

    name: str
    region: str
    country: str
    lat: float
    lon: float
    population: int


def read_places() -> tuple[Zips, list[Town]]:
    """ZIP codes and towns, as the database has them now, in its order."""
    zips: Zips = {}
    towns = list[Town]()
    columns = ("type", "name", "region", "country", "lat", "lon", "population")
    # As plain numbers: making a point of each place would take most of the time.
    places = Place.objects.annotate(lat=_degrees("ST_Y"), lon=_degrees("ST_X"))
    for type_, name, *rest in places.values_list(*columns).iterator(chunk_size=5_000):
        if type_ == Place.Type.POSTAL_CODE:
            zips[name] = (rest[2], rest[3])
        else:
            towns.append(Town(name, *rest))
    return zips, towns


def _degrees(function: str) -> Func:
    point = Cast("location", gis.PointField())
    return Func(point, function=function, output_field=FloatField())
