"""Where a record lies: its own point if its postal code bears it out, else the postal code's."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib.gis.db.models import GeometryField
from django.db.models import FloatField, Func
from django.db.models.functions import Cast

from services.geodesy import great_circle_m
from services.imports.problems import FileRefusedError, RowRefusedError
from services.imports.readings import Address, Spot
from services.imports.text import folded
from services.models import Place
from services.vocabulary import LocationAccuracy
from services.zones import time_zone_at

FAR_M = 50_000.0

LatLon = tuple[float, float]


@dataclass(frozen=True, slots=True)
class PlaceTable:
    """Postal codes and cities in memory. Cities stand by population, the largest first."""

    postal_codes: dict[tuple[str, str], LatLon] = field(default_factory=dict)
    cities: dict[tuple[str, str, str], list[LatLon]] = field(default_factory=dict)

    def postal_code(self, address: Address) -> LatLon | None:
        """The centroid of an address's postal code."""
        return self.postal_codes.get((address.country, address.postal_code))

    def city(self, address: Address) -> list[LatLon]:
        """Every place of an address's city name in its state or province."""
        return self.cities.get((address.country, address.region, _city_key(address.city)), [])

    def is_in_region(self, point: LatLon, address: Address) -> bool:
        """Whether a point lies near any city of an address's state or province."""
        return any(
            _near(point, city)
            for (country, region, _), cities in self.cities.items()
            if (country, region) == (address.country, address.region)
            for city in cities
        )


def _city_key(name: str) -> str:
    words = folded(name).split()
    short = {"saint": "st", "fort": "ft", "mount": "mt"}
    return " ".join(short.get(word, word) for word in words if word != "city" or len(words) == 1)


def place_table() -> PlaceTable:
    """All places of the database.

    Raises:
        FileRefusedError: there are none; without them no point can be checked.
    """
    point = Cast("location", GeometryField())
    rows = (
        Place.objects.annotate(
            lat=Func(point, function="ST_Y", output_field=FloatField()),
            lon=Func(point, function="ST_X", output_field=FloatField()),
        )
        .order_by("-population", "pk")
        .values_list("type", "country", "region", "name", "lat", "lon")
    )
    return table_of(rows.iterator(chunk_size=5000))


def table_of(places: Iterable[tuple[str, str, str, str, float, float]]) -> PlaceTable:
    """A table of (type, country, region, name, latitude, longitude), the largest cities first."""
    table = PlaceTable()
    for type_, country, region, name, lat, lon in places:
        if type_ == Place.Type.POSTAL_CODE:
            table.postal_codes[country, name] = (lat, lon)
        else:
            table.cities.setdefault((country, region, _city_key(name)), []).append((lat, lon))
    if not table.postal_codes or not table.cities:
        raise FileRefusedError("No places are loaded; run ./manage.py load_places first.")
    return table


def spot_of(
    address: Address, own: LatLon | None, places: PlaceTable, *, accuracy: str
) -> tuple[Spot, str]:
    """The point a record is listed at, and a warning where its own point was not believed.

    The record's own point counts if it lies within 50 km of its postal code's centroid, or, where
    the postal code itself lies more than 50 km from the city, of the city: two of the three agree.

    Where neither is known, it counts if it lies near a city of its state.

    Args:
        address: says postal code and city.
        own: the record's point in degrees, if it has one.
        places: where postal codes and cities lie.
        accuracy: what the feed's own points stand for.

    Raises:
        RowRefusedError: neither the postal code nor the city is known, nor a point in the state.
    """
    centroid = _centroid(address, places)
    if centroid is None and own and places.is_in_region(own, address):
        warning = (
            "neither its postal code nor its city is known; its point in the state is believed"
        )
        return _spot(own, accuracy), warning
    if centroid is None:
        raise RowRefusedError(
            f"Neither postal code “{address.postal_code}” nor city “{address.city}, "
            f"{address.region}” is known, so the place cannot be checked."
        )
    if own and _near(own, centroid):
        return _spot(own, accuracy), ""
    warning = ""
    if own:
        km = great_circle_m(*own, *centroid) / 1000
        warning = f"its point lies {km:.0f} km from its postal code; the postal code is used"
    return _spot(centroid, LocationAccuracy.POSTAL_CODE.value), warning


def _centroid(address: Address, places: PlaceTable) -> LatLon | None:
    postal_code, cities = places.postal_code(address), places.city(address)
    if postal_code is None or (cities and not any(_near(city, postal_code) for city in cities)):
        return cities[0] if cities else postal_code
    return postal_code


def _near(one: LatLon, other: LatLon) -> bool:
    return bool(great_circle_m(*one, *other) <= FAR_M)


def _spot(point: LatLon, accuracy: str) -> Spot:
    lat, lon = (round(degrees, 7) for degrees in point)
    return Spot(lat, lon, accuracy, time_zone_at(lat, lon))


def point_in(lat: object, lon: object) -> LatLon | None:
    """A point of two numbers or texts in degrees; None if it is none, or the null island's."""
    try:
        point = (float(str(lat)), float(str(lon)))
    except ValueError:
        return None
    inside = -90 <= point[0] <= 90 and -180 <= point[1] <= 180  # noqa: PLR2004 - degrees
    return point if inside and point != (0.0, 0.0) else None
