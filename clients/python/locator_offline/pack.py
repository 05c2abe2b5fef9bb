"""Reading a pack, or a page of changes: both are the same body (docs/offline.md)."""

import itertools
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from locator_offline.columns import PackError, column_of, height_of
from locator_offline.hours import Minutes, Schedule, Zone, day_number
from locator_offline.records import NEVER, Area, Service, Site

FORMAT = "locator-pack/1"
DAYS_BEFORE = 2  # the special days of a pack begin so many days before its own
REMOTE = "remote"
NO_HOURS = -1
MARKS_PER_DEGREE = 3  # of the grid that towns are told on

SITE_TOLD = (
    *("name", "organization", "address", "city", "region", "postal_code", "country", "phones"),
    *("website", "visibility", "location_accuracy", "delivery", "confirmed_at"),
)
SERVICE_RANKED = (
    *("id", "site", "kind", "access_yes", "access_no", "care", "door", "prior", "evidence_for"),
    *("evidence_against", "evidence_at", "state", "expires_at", "closed_until"),
)
SERVICE_TOLD = (
    *("name", "description", "languages", "min_age", "max_age", "windows", "remaining"),
    *("wait_days", "note", "as_of", "reported_by", "disputed", "closed_at", "closed_by"),
    "confirmed_at",
)


@dataclass(frozen=True, slots=True)
class Town:
    """About where a town is, in degrees, and its country and region."""

    lat: float
    lon: float
    area: Area


@dataclass(frozen=True, slots=True)
class Body:
    """What a pack or a page holds.

    Attributes:
        region: "US-PA", or a union.
        cursor: where changes continue.
        day: number of the UTC day it was made for.
        kinds: all kinds of service, in order.
        gone: ids of services that are taken out.
        more: whether further pages wait.
    """

    region: str
    language: str
    cursor: str
    day: int
    kinds: tuple[str, ...]
    labels: dict[str, Any]
    towns: tuple[Town, ...]
    sites: dict[str, Site]
    services: dict[str, Service]
    gone: frozenset[str]
    more: bool


class FactBits:
    """One numbering of access facts for all packs: a later one may know more of them."""

    def __init__(self) -> None:
        self.bit: dict[str, int] = {}

    def learn(self, names: list[str]) -> None:
        """Know these facts, whether or not any service has an answer."""
        for fact in names:
            self.bit.setdefault(fact, 1 << len(self.bit))

    def renumbered(self, facts: list[str], bits: int) -> int:
        """Bits in a pack's own numbering, in this one."""
        found = 0
        for place, fact in enumerate(facts):
            if bits >> place & 1:
                found |= self.bit[fact]
        return found


def read(data: bytes, facts: FactBits) -> Body:
    """Read a body.

    Raises:
        PackError: it is none, or of a format that is not known.
    """
    try:
        return Reader(json.loads(data), facts).body()
    except PackError:
        raise
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise PackError("This is no pack, or a broken one.") from error


def language_of(data: bytes) -> str:
    """The language that a pack is told in, which need not be the one asked for.

    Raises:
        PackError: it is no pack.
    """
    try:
        return str(json.loads(data)["language"])
    except (ValueError, KeyError, TypeError) as error:
        raise PackError("This is no pack.") from error


class Reader:
    """Reads one body."""

    def __init__(self, document: dict[str, Any], facts: FactBits) -> None:
        if document["format"] != FORMAT:
            raise PackError(f"Not of the format {FORMAT}.")
        self._document, self._facts = document, facts
        facts.learn(document["facts"])
        self._zones = [_zone(one) for one in document["zones"]]
        first = day_number(document["day"]) - DAYS_BEFORE
        until = day_number(document["until"])
        self._schedules = [
            _schedule(one, self._zones, first, until) for one in document["schedules"]
        ]
        self._renumbered: dict[int, int] = {}

    def body(self) -> Body:
        """All of it."""
        told = self._document
        sites = self._sites(told["sites"])
        services = self._services(told["services"], [site.id for site in sites])
        return Body(
            region=told["region"],
            language=told.get("language", ""),  # pages have none
            cursor=told["cursor"],
            day=day_number(told["day"]),
            kinds=tuple(kind for kind, *_ in told["kinds"]),
            labels=told.get("labels", {}),
            towns=self._towns(),
            sites={site.id: site for site in sites},
            services={service.id: service for service in services},
            gone=frozenset(map(plain_id, told.get("gone", ()))),
            more=bool(told.get("more", False)),
        )

    def _towns(self) -> tuple[Town, ...]:
        return tuple(
            Town(lat / MARKS_PER_DEGREE, lon / MARKS_PER_DEGREE, (country, region))
            for told in self._document.get("towns", ())
            for country, region in [told["area"]]
            for lat, lon in _marks(told["rows"])
        )

    def _sites(self, table: dict[str, Any]) -> list[Site]:
        rows = _rows(table, ("id", "lat", "lon", "zone", *SITE_TOLD))
        return [self._site(*row) for row in rows]

    def _site(self, id_: str, lat: Any, lon: Any, zone: int, *values: Any) -> Site:
        told = dict(zip(SITE_TOLD, values, strict=True))
        area = told["country"], told["region"] or ""
        remote = told["delivery"] == REMOTE
        return Site(plain_id(id_), lat, lon, self._zones[zone], area, remote, told)

    def _services(self, table: dict[str, Any], sites: list[str]) -> list[Service]:
        rows = _rows(table, (*SERVICE_RANKED, *SERVICE_TOLD))
        return [self._service(sites, row) for row in rows]

    def _service(self, sites: list[str], row: tuple[Any, ...]) -> Service:
        id_, site, number, yes, no, care, door, own_prior, *word = row[: len(SERVICE_RANKED)]
        evidence_for, evidence_against, evidence_at, state, expires_at, closed_until = word
        kind, prior, half_life = self._document["kinds"][number]
        return Service(
            id=plain_id(id_),
            site_id=sites[site],
            kind=kind,
            yes=self._bits(yes),
            no=self._bits(no),
            care=self._hours(care),
            door=self._hours(door),
            prior=prior if own_prior is None else own_prior,
            half_life_minutes=half_life,
            evidence_for=evidence_for,
            evidence_against=evidence_against,
            evidence_at=evidence_at or NEVER,
            state=state,
            expires_at=expires_at or NEVER,
            closed_until=closed_until or NEVER,
            told=dict(zip(SERVICE_TOLD, row[len(SERVICE_RANKED) :], strict=True)),
        )

    def _hours(self, number: int) -> Schedule | None:
        return None if number == NO_HOURS else self._schedules[number]

    def _bits(self, bits: int) -> int:
        if (known := self._renumbered.get(bits)) is None:
            known = self._facts.renumbered(self._document["facts"], bits)
            self._renumbered[bits] = known
        return known


def _marks(rows: list[list[int]]) -> Iterator[tuple[int, int]]:
    """Latitudes and longitudes in thirds of a degree; rows tell the steps between them."""
    lat = 0
    for north, *steps in rows:
        lat += north
        yield from ((lat, lon) for lon in itertools.accumulate(steps))


def plain_id(told: str) -> str:
    """An id as reports and answers name it: packs leave its hyphens out."""
    return str(uuid.UUID(told))


def _rows(table: dict[str, Any], names: tuple[str, ...]) -> list[tuple[Any, ...]]:
    height = height_of(table)
    columns = [column_of(table, name, height) for name in names]
    return list(zip(*columns, strict=True))


def _zone(told: dict[str, Any]) -> Zone:
    starts, offsets = zip(*told["offsets"], strict=True)
    return Zone(told["name"], starts, offsets)


def _schedule(told: dict[str, Any], zones: list[Zone], first: int, until: int) -> Schedule:
    week = tuple(_minutes(day) for day in told["week"])
    days = {day_number(day): _minutes(spans) for day, spans in told["days"].items()}
    return Schedule(zones[told["zone"]], week, days, first, until)


def _minutes(spans: list[list[int]]) -> Minutes:
    return tuple((start, end) for start, end in spans)
