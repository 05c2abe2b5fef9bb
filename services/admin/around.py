"""What a map shows besides its marker: the point that anyone sees, and names of places."""

from typing import Any

from django.contrib.gis.db.models import functions
from django.contrib.gis.geos import Point
from django.contrib.gis.measure import Distance

from services.models import Place, Site
from services.vocabulary import Visibility

AROUND_M = 30_000
MOST_CITIES, MOST_POSTAL_CODES = 40, 40
SEEN_AS = {
    Visibility.PUBLIC: "Anyone sees this exact point.",
    Visibility.APPROXIMATE: "Anyone sees only the displaced point, never this one.",
    Visibility.PHONE_ONLY: "Anyone sees no point at all: the site is found by its region.",
}


def map_of(site: Site | None) -> dict[str, Any]:
    """What the map of a site shows besides its true point."""
    if site is None or site.location is None:
        return {}
    approximate = site.visibility == Visibility.APPROXIMATE
    displaced = site.displaced_location if approximate else None
    return {
        "point": [site.location.y, site.location.x],
        "places": places_around(site.location),
        "displaced": [displaced.y, displaced.x] if displaced else None,
        "seen_as": SEEN_AS[Visibility(site.visibility)],
    }


def places_around(point: Point) -> list[list[Any]]:
    """Cities and postal codes near a point: latitude, longitude, name, and whether it is a city."""
    near = Place.objects.filter(location__dwithin=(point, Distance(m=AROUND_M))).annotate(
        distance=functions.Distance("location", point)
    )
    cities = near.filter(type=Place.Type.CITY).order_by("-population", "distance")[:MOST_CITIES]
    codes = near.filter(type=Place.Type.POSTAL_CODE).order_by("distance")[:MOST_POSTAL_CODES]
    return [
        [round(place.location.y, 4), round(place.location.x, 4), place.name, is_city]
        for found, is_city in ((cities, True), (codes, False))
        for place in found
    ]
