"""Searching: what is asked, and what is found. All in memory; nothing of it is kept or sent on."""

import dataclasses
import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Any, Literal

from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _

from services.gazetteer import PlacesNotReadyError, gazetteer
from services.geohash import cell_of
from services.index import Page, Query, SearchIndex, live_index
from services.index.asking import Area
from services.index.rendering import collection
from services.vocabulary import Kind

Mode = Literal["walk", "transit", "drive"]

ALL_KINDS = tuple(Kind)
FAR_M = 100_000.0  # when the best on the map is farther than this, nothing is near

COMPANIONS = ((Kind.DETOX, Kind.NALOXONE),)  # after withdrawal, tolerance is lost


@dataclass(frozen=True, slots=True, repr=False)
class Search:
    """What somebody asks for. It has no repr, so that no traceback or log can hold a position.

    Attributes:
        lat, lon: degrees; None with ``place``.
        place: ZIP, or city and region.
        kinds: empty for all.
        at: the moment asked about; None for now.
        max_km: None for no limit.
        access: fact → the answer wanted.
        strict: an unknown fact hides a service instead of being marked.
    """

    lat: float | None = None
    lon: float | None = None
    place: str | None = None
    kinds: tuple[Kind, ...] = ()
    mode: Mode = "transit"
    at: dt.datetime | None = None
    open_now: bool = False
    available_only: bool = False
    max_km: float | None = None
    access: dict[str, bool] = field(default_factory=dict)
    strict: bool = False
    limit: int = 20
    offset: int = 0

    def as_query(self, now: dt.datetime, *, words_too_old: bool = False) -> Query:
        """The question for the index, with the place found and everything said.

        Raises:
            PlaceNotFoundError: the place is not in the gazetteer.
            PlacesNotReadyError: nobody can tell yet.
        """
        if self.lat is None or self.lon is None:
            lat, lon = gazetteer.find(self.place or "")
        else:
            lat, lon = self.lat, self.lon
        return Query(
            lat=lat,
            lon=lon,
            at=self.at or now,
            kinds=self.kinds or ALL_KINDS,
            mode=self.mode,
            areas=_areas_near(lat, lon),
            open_now=self.open_now,
            available_only=self.available_only,
            max_km=self.max_km,
            access=self.access,
            strict=self.strict,
            limit=self.offset + self.limit,
            companions=COMPANIONS,
            words_too_old=words_too_old,
        )


def _areas_near(lat: float, lon: float) -> frozenset[Area]:
    """The areas whose services without a point count; all, while nobody can tell which are near."""
    areas = live_index.index.areas
    if not areas:
        return areas
    try:
        return gazetteer.areas_near(lat, lon)
    except (DatabaseError, PlacesNotReadyError):  # it is away, and no place has been read yet
        return areas


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """An answer: GeoJSON as bytes, ready to be sent."""

    body: bytes


def find_nearby(search: Search, *, now: dt.datetime, language: str = "en") -> Found:
    """The services to try, best first; the notice is in ``language``.

    Raises:
        PlaceNotFoundError, PlaceAmbiguousError: the place is not in the gazetteer.
        IndexNotReadyError: this process has not loaded the services yet.
    """
    as_of = live_index.stale_as_of(now)
    asked = search.as_query(now, words_too_old=_is_too_old(as_of, now))
    page, relaxed = _find_something(live_index.index, asked, first=search.offset + 1)
    told = {
        "at": asked.at,
        "mode": asked.mode,
        "kinds": asked.kinds,
        "notice": _notice(relaxed, page, language, words_too_old=asked.words_too_old),
        "relaxed": relaxed,
        "stale": as_of is not None,
        "as_of": as_of,
    }
    return Found(_answer(page, told))


def _is_too_old(as_of: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether nobody knows any more what is free, since the index is so far behind: call first."""
    return as_of is not None and now - as_of > dt.timedelta(minutes=settings.WORDS_TOLD_MINUTES)


def _find_something(index: SearchIndex, asked: Query, *, first: int) -> tuple[Page, list[str]]:
    """The best, never none where any service is listed, and what was given up for it.

    Wishes are given up one after the other until something is found: the distance first, since
    somebody can travel, the kind of help last.
    """
    query, page, relaxed = asked, index.page(asked, first, asked.limit), list[str]()
    if page.found:
        return page, relaxed
    less: list[tuple[str, Any]] = [
        ("max_km", None),
        ("available_only", False),
        ("open_now", False),
        ("access", {}),
        ("areas", index.areas),  # remote and phone-only services of other regions
        ("kinds", ALL_KINDS),
    ]
    for wish, nothing in less:
        if not page.found and getattr(query, wish) != nothing:
            query = dataclasses.replace(query, **{wish: nothing})
            page, relaxed = index.page(query, first, query.limit), [*relaxed, wish]
    return page, relaxed


def _notice(
    relaxed: list[str], page: Page, language: str, *, words_too_old: bool = False
) -> str | None:
    """Why the answer holds what was not asked for, or no word of what is free; for a person."""
    is_plain = page.found and not relaxed and page.nearest_m <= FAR_M
    if is_plain and not words_too_old:
        return None  # nearly always: no need to change languages
    with translation.override(language):
        told = [] if is_plain else [_what_was_given_up(relaxed, page)]
        if words_too_old:
            told.append(_("We do not know what is free just now: call first."))
        return " ".join(told)


def _what_was_given_up(relaxed: list[str], page: Page) -> str:
    if not page.found:
        return _("No service is listed yet.")
    if "kinds" in relaxed:
        return _("No service of this kind is listed yet. These are other services nearby.")
    if "areas" in relaxed or not relaxed:
        return _("Nothing nearby. These are the nearest services anywhere.")
    if relaxed == ["max_km"]:
        return _("Nothing within this distance. These are the nearest services anywhere.")
    return _("Nothing meets every wish. These services meet some of them; call first.")


def _answer(page: Page, told: dict[str, Any]) -> bytes:
    farthest = page.farthest_m
    told["matched_within_km"] = round(farthest / 1000, 1) if farthest >= 0 else None
    return collection(page.features.data, told)


CELL_MINUTES = 5  # an answer for a cell is the same for so long


def find_in_cell(
    geohash: str, *, kinds: tuple[Kind, ...], limit: int, offset: int, now: dt.datetime
) -> tuple[Found, str]:
    """Services in a geohash cell, best first from its middle, and the answer's entity tag.

    The time asked about is the last full five minutes, so that caches can hold the answer.

    Raises:
        ValueError: not a geohash.
        IndexNotReadyError: this process has not loaded the services yet.
    """
    cell = cell_of(geohash)
    at = now.replace(minute=now.minute - now.minute % CELL_MINUTES, second=0, microsecond=0)
    as_of = live_index.stale_as_of(now)
    query = Query(
        *cell.middle,
        at=at,
        kinds=kinds or ALL_KINDS,
        max_km=cell.reach_km,
        box=cell.box,
        strict=True,  # services without a point are in no cell
        limit=offset + limit + 1,  # one more tells whether there are more
        companions=COMPANIONS,
        words_too_old=_is_too_old(as_of, now),
    )
    page = live_index.index.page(query, offset + 1, offset + limit)
    told = {
        "at": at,
        "mode": query.mode,
        "kinds": query.kinds,
        "notice": None if page.found else _("No service is listed in this cell."),
        "relaxed": [],
        "stale": as_of is not None,
        "as_of": as_of,
        "more": page.found > offset + limit,
    }
    body = _answer(page, told)
    return Found(body), f'"{hashlib.sha256(body).hexdigest()[:32]}"'
