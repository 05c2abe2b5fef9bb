"""What the server's own code answers over services in memory, in full precision."""

import dataclasses
import datetime as dt
import functools
from collections.abc import Sequence
from typing import Any

from services.gazetteer import Gazetteer, _places
from services.index import Query, SearchIndex
from services.index.hits import Hit
from services.listing import ListedService
from services.place_rows import Town
from services.search import ALL_KINDS, _find_something
from tests.vectors.world import NOW, TOWNS, Area

DIGITS = 12  # that are told of a number
Row = tuple[Any, ...]


def index_of(services: Sequence[ListedService]) -> SearchIndex:
    """An index of these, packed."""
    index = SearchIndex(NOW)
    index.put(services)
    index.pack(NOW)
    return index


@functools.cache
def gazetteer() -> Gazetteer:
    """The world's towns."""
    made = Gazetteer()
    made._places = _places({}, {town.name: [_town(town)] for town in TOWNS})
    return made


def _town(town: Any) -> Town:
    return Town(town.name, town.region, town.country, town.lat, town.lon, population=1)


def areas_of(index: SearchIndex, lat: float, lon: float) -> frozenset[Area]:
    """The areas whose services without a point count, as ``services.search`` finds them."""
    return gazetteer().areas_near(lat, lon) if index.areas else index.areas


def query_of(index: SearchIndex, search: dict[str, Any]) -> Query:
    """A case's search as the server asks its index."""
    lat, lon = search["lat"], search["lon"]
    return Query(
        lat,
        lon,
        at=dt.datetime.fromtimestamp(search["at"], dt.UTC),
        kinds=tuple(kind for kind in ALL_KINDS if kind in search["kinds"]) or ALL_KINDS,
        mode=search["mode"],
        areas=areas_of(index, lat, lon),
        open_now=search["open_now"],
        available_only=search["available_only"],
        max_km=search["max_km"],
        access=search["access"],
        strict=search["strict"],
        limit=search["offset"] + search["limit"],
    )


def answer(index: SearchIndex, search: dict[str, Any]) -> tuple[list[Row], list[str]]:
    """The results of a search, and the wishes that were given up."""
    query, offset = query_of(index, search), search["offset"]
    _page, relaxed = _find_something(index, query, first=offset + 1)
    nothing: dict[str, Any] = {
        "max_km": None,
        "available_only": False,
        "open_now": False,
        "access": {},
        "areas": index.areas,
        "kinds": ALL_KINDS,
    }
    found = index.find(dataclasses.replace(query, **{wish: nothing[wish] for wish in relaxed}))
    return [_row(hit) for hit in found[offset:]], relaxed


def _row(hit: Hit) -> Row:
    numbers = (hit.expected_minutes, hit.distance_m, hit.travel_minutes, hit.wait_minutes)
    told = [_told(number) for number in (*numbers, hit.p_open, hit.p_served)]
    return (str(hit.id), *told, hit.unmet)


def _told(number: float | None) -> float | None:
    return None if number is None else float(f"{number:.{DIGITS}g}")
