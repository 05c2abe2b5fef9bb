"""Places by name, looked up in memory: what somebody types never reaches the database."""

import itertools
import math
import re
import threading
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from services.compiled import brief, lean
from services.place_rows import Town, Zips, read_places
from services.regions import REGION_NAMES, region_called

ZIP = re.compile(r"(\d{5})(?:-\d{4})?")
SHORT_FORMS = {"saint": "st", "sainte": "ste", "fort": "ft", "mount": "mt"}
COUNTRIES = {"usa", "us", "united states", "canada"}

FAR_LARGER = 20  # times as many people: then a bare city name means the larger city
NEAR_KM = 40.0  # regions with a city this near are the searcher's, across a state line too
KM_PER_DEGREE = 111.195
MARKS_PER_DEGREE = 3  # of the grid that towns are told on where areas near are asked for
CHOICES = 8

Area = tuple[str, str]  # country and region


class PlaceNotFoundError(LookupError):
    """No such ZIP or city. The message says what to try; it does not repeat what was asked."""


class PlaceAmbiguousError(PlaceNotFoundError):
    """Several places bear that name; ``choices`` are names to ask for instead, largest first."""

    def __init__(self, choices: list[str]) -> None:
        super().__init__("Several places bear this name: add the state or province.")
        self.choices = choices


class PlacesNotReadyError(RuntimeError):
    """This process has not read the places yet. Trying again in a few seconds helps."""


def plain_name(text: str) -> str:
    """A name without case, accents and punctuation, and with the usual short forms."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join(SHORT_FORMS.get(word, word) for word in kept.split())


@brief
def _areas_near(
    points: NDArray[Any], numbers: NDArray[Any], areas: int, lat: float, lon: float
) -> NDArray[Any]:
    """Which areas have a town near, or the nearest ones of all; distances are those of a flat map.

    Args:
        points: latitudes and longitudes of towns in degrees, from south to north.
        numbers: the number of each town's area.
        areas: how many areas there are.
        lat: degrees.
        lon: degrees.
    """
    near = np.zeros(areas, np.bool_)
    narrower = math.cos(math.radians(lat))
    first = np.searchsorted(points[:, 0], lat - NEAR_KM / KM_PER_DEGREE)
    is_any = False
    for town in range(first, len(points)):
        if (points[town, 0] - lat) * KM_PER_DEGREE > NEAR_KM:
            break
        if _flat_km(points[town], lat, lon, narrower) <= NEAR_KM:
            near[numbers[town]] = is_any = True
    if is_any:
        return near
    nearest = math.inf
    for town in range(len(points)):
        km = _flat_km(points[town], lat, lon, narrower)
        if km < nearest:
            nearest = km
            near[:] = False
        if km == nearest:  # areas may share a mark: a phone knows no order among them
            near[numbers[town]] = True
    return near


@lean
def _flat_km(town: NDArray[Any], lat: float, lon: float, narrower: float) -> float:
    east = math.fabs(town[1] - lon)
    east = min(east, 360 - east) * narrower
    return math.sqrt((town[0] - lat) ** 2 + east**2) * KM_PER_DEGREE


@dataclass(frozen=True, slots=True)
class _Places:
    """All places, as they are looked up.

    Attributes:
        zips: latitude and longitude in degrees.
        towns: by plain name, the largest first.
        points: latitudes and longitudes of about where towns are, in degrees, from south to north.
        numbers: of each of these the number of its area.
        areas: countries and regions.
        neighbours: by which areas are near, as bytes, these with their countries; some hundreds.
    """

    zips: dict[str, tuple[float, float]]
    towns: dict[str, list[Town]]
    points: NDArray[np.float64]
    numbers: NDArray[np.int64]
    areas: list[Area]
    neighbours: dict[bytes, frozenset[Area]] = field(default_factory=dict)


def _ordered(zips: Zips, all_towns: Iterable[Town]) -> _Places:
    towns = defaultdict(list)
    for town in all_towns:
        towns[plain_name(town.name)].append(town)
    for namesakes in towns.values():
        namesakes.sort(key=lambda town: (-town.population, town.region, town.lat, town.lon))
    return _places(zips, dict(towns))


def _places(zips: dict[str, tuple[float, float]], towns: dict[str, list[Town]]) -> _Places:
    everywhere = list(itertools.chain(*towns.values()))
    areas = sorted({(town.country, town.region) for town in everywhere})
    number = {area: n for n, area in enumerate(areas)}
    marks = sorted({(*_about(town), number[town.country, town.region]) for town in everywhere})
    return _Places(
        zips,
        towns,
        np.array([mark[:2] for mark in marks]).reshape(-1, 2) / MARKS_PER_DEGREE,
        np.array([mark[2] for mark in marks], np.int64),
        areas,
    )


def _about(town: Town) -> tuple[int, int]:
    """About where a town is, in thirds of a degree: at most 19 km north or south of there.

    Which states' services without a point are near is a rough question, and a phone must answer it
    as we do: exact places of towns would be the larger part of a pack with few services.
    """
    return round(town.lat * MARKS_PER_DEGREE), round(town.lon * MARKS_PER_DEGREE)


class Gazetteer:
    """ZIP codes and cities, read from the database once.

    Where the index is followed the follower reads them, and nobody who searches ever waits for the
    database; elsewhere whoever asks first reads them.
    """

    def __init__(self) -> None:
        self._loading = threading.Lock()
        self._places: _Places | None = None
        self.is_followed = False

    def load(self) -> None:
        """Read all places."""
        self.hold(*read_places())

    def hold(self, zips: Zips, towns: Iterable[Town]) -> None:
        """Know these places, and no others."""
        places = _ordered(zips, towns)
        if places.areas:  # compiled before it is needed
            _areas_near(places.points, places.numbers, len(places.areas), 0.0, 0.0)
        self._places = places

    def forget(self) -> None:
        """Read the places again at the next question, as if nobody followed."""
        self._places, self.is_followed = None, False

    @property
    def is_empty(self) -> bool:
        """Whether it knows no place."""
        return (places := self._places) is None or not (places.zips or places.towns)

    def ensure(self) -> _Places:
        """All places, read unless that is done already.

        Raises:
            PlacesNotReadyError: the follower has not read them yet.
        """
        if self.is_followed:
            if self._places is None:
                raise PlacesNotReadyError
            return self._places
        if (places := self._places) is None or not (places.zips or places.towns):
            with self._loading:
                if self._places is places:
                    self.load()
                places = self._places
        return cast("_Places", places)

    def find(self, text: str) -> tuple[float, float]:
        """Latitude and longitude of a ZIP ("19125"), or of a city ("Philadelphia, PA").

        A bare city name is enough if one city of that name is far larger than all others.

        Raises:
            PlaceNotFoundError: there is none.
            PlaceAmbiguousError: there are several.
        """
        places = self.ensure()
        if zip_code := ZIP.fullmatch(text.strip()):
            if zip_code[1] not in places.zips:
                raise PlaceNotFoundError(
                    "This ZIP code is not in the list; ZIP codes of post office boxes are not. "
                    "Try a neighbouring ZIP, or the city and state."
                )
            return places.zips[zip_code[1]]
        town = _the_one(_namesakes(text, places.towns))
        return town.lat, town.lon

    def towns_in(self, areas: Collection[Area]) -> dict[Area, list[tuple[int, int]]]:
        """About where these areas have towns, as ``areas_near`` takes it.

        Returns:
            By area, in order: latitude and longitude in thirds of a degree, from south to north,
            then from west to east; each once.
        """
        places = self.ensure()
        marks = np.rint(places.points * MARKS_PER_DEGREE).astype(int).tolist()
        found: dict[Area, list[tuple[int, int]]] = {}
        for number, (lat, lon) in sorted(zip(places.numbers.tolist(), marks, strict=True)):
            if (area := places.areas[number]) in areas:
                found.setdefault(area, []).append((lat, lon))
        return found

    def areas_near(self, lat: float, lon: float) -> frozenset[Area]:
        """Countries and regions whose cities are near, with ("US", "") for each whole country."""
        places = self.ensure()
        if not places.areas:
            return frozenset()
        near = _areas_near(places.points, places.numbers, len(places.areas), lat, lon)
        if (areas := places.neighbours.get(key := near.tobytes())) is None:
            found = {places.areas[number] for number in np.flatnonzero(near).tolist()}
            areas = frozenset(found | {(country, "") for country, _ in found})
            places.neighbours[key] = areas
        return areas


def _namesakes(text: str, towns: dict[str, list[Town]]) -> list[Town]:
    name, region = _split(text)
    plain = plain_name(name)
    # "New York" is listed as New York City, "Quebec City" as Québec.
    spellings = (plain, f"{plain} city", plain.removesuffix(" city"))
    namesakes = next((towns[s] for s in spellings if s in towns), [])
    if not namesakes:
        raise PlaceNotFoundError(
            "No such place. Give a US ZIP code, or a city with its state or province, such as "
            "Philadelphia, PA."
        )
    there = [town for town in namesakes if region in (None, town.region)]
    if not there:
        raise PlaceAmbiguousError(_choices(namesakes))
    return there


def _the_one(towns: list[Town]) -> Town:
    first, *others = towns
    rival = next((town for town in others if town.region != first.region), None)
    if rival and first.population < FAR_LARGER * max(1, rival.population):
        raise PlaceAmbiguousError(_choices(towns))
    return first


def _split(text: str) -> tuple[str, str | None]:
    """City and region code: "Philadelphia, PA", "Philadelphia PA", "Toronto, Ontario, Canada"."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > 1 and parts[-1].casefold() in COUNTRIES:
        parts.pop()
    if len(parts) > 1:
        return parts[0], region_called(parts[1]) or ""
    words = text.split()
    if len(words) > 1 and words[-1].upper() in REGION_NAMES:
        return " ".join(words[:-1]), words[-1].upper()
    return text, None


def _choices(towns: list[Town]) -> list[str]:
    names = dict.fromkeys(f"{town.name}, {town.region}" for town in towns)
    return list(names)[:CHOICES]


gazetteer = Gazetteer()
