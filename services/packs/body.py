"""The body of a pack and of a page of changes: columns of services, with all they refer to."""

import datetime as dt
import functools
import uuid
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

import orjson
from django.utils import translation
from django.utils.translation import gettext as _

from services.hours import Schedule
from services.index.columns import FACTS, KIND_CODE, KINDS, NO_HOURS, fact_bits
from services.listing import ListedService
from services.packs.columns import packed
from services.packs.hours import TOLD_AFTER, offsets_of, plan_of
from services.vocabulary import (
    ACCESS_FACTS,
    KIND_FACTS,
    LOW_BARRIER,
    Availability,
)

FORMAT = "locator-pack/1"
MINUTE = dt.timedelta(minutes=1)

Area = tuple[str, str]
Towns = Mapping[Area, Sequence[tuple[int, int]]]  # as Gazetteer.towns_in gives them
Columns = dict[str, list[Any]]

SITE = ("name", "address", "city", "region", "postal_code", "country", "website")
SITE_LAST = ("visibility", "location_accuracy", "delivery")
SERVICE = ("description", "languages", "min_age", "max_age")
WORD = ("state", "remaining", "wait_days", "note", "reported_by", "disputed", "closed_by")
NULL = {"all": None}
TIMES = ("as_of", "expires_at", "closed_at", "closed_until")
EVIDENCE = ("evidence_for", "evidence_against")


def bodies_of(
    services: Sequence[ListedService],
    *,
    region: str,
    areas: Sequence[Area],
    languages: Iterable[str],
    cursor: str,
    day: dt.date,
    towns: Towns,
) -> dict[str, bytes]:
    """Packs by language: JSON as docs/offline.md has it. The same arguments give the same bytes.

    Args:
        services: all of the region, in any order.
        region: its id.
        areas: countries and regions that it covers, "" for whole countries.
        languages: of the labels; the rest is the same in each.
        cursor: from where to go on with changes.
        day: hours are told around it.
        towns: by them a phone tells which areas are near.
    """
    shared = {
        "format": FORMAT,
        "region": region,
        "areas": list(areas),
        "cursor": cursor,
        **_days(day),
        **_vocabulary(),
        **_columns(services, day),
        "towns": [{"area": area, "rows": _rows(towns[area])} for area in sorted(towns)],
    }
    return {
        language: orjson.dumps(shared | {"language": language, "labels": _labels(language)})
        for language in languages
    }


def page_of(
    services: Sequence[ListedService],
    gone: Sequence[uuid.UUID],
    *,
    region: str,
    areas: Sequence[Area],
    cursor: str,
    day: dt.date,
    more: bool,
) -> bytes:
    """A page of changes: these services as they are now, and those that are not in the region.

    Args:
        services: changed or new in the region, in any order.
        gone: hidden, deleted or moved away.
        region: as in ``bodies_of``, and so the next three.
        areas: countries and regions.
        cursor: from where to go on.
        day: hours are told around it.
        more: whether there is another page already.
    """
    return orjson.dumps(
        {
            "format": FORMAT,
            "region": region,
            "areas": list(areas),
            "cursor": cursor,
            "more": more,
            **_days(day),
            **_vocabulary(),
            **_columns(services, day),
            "gone": sorted(id_.hex for id_ in gone),
        }
    )


def _days(day: dt.date) -> dict[str, Any]:
    return {"day": day.isoformat(), "until": (day + dt.timedelta(days=TOLD_AFTER)).isoformat()}


@functools.cache
def _vocabulary() -> dict[str, Any]:
    facts = KIND_FACTS
    kinds = [[kind.value, facts[kind].prior, facts[kind].half_life / MINUTE] for kind in KINDS]
    return {"kinds": kinds, "facts": FACTS}


@functools.cache
def _labels(language: str) -> dict[str, Any]:
    with translation.override(language):
        access = {fact: str(label) for fact, label in ACCESS_FACTS.items()}
        return {
            "kinds": {kind.value: str(kind.label) for kind in KINDS},
            "facts": access | {LOW_BARRIER: _("Low barrier")},
            "states": {state.value: str(state.label) for state in Availability},
            "units": {kind.value: str(KIND_FACTS[kind].unit) for kind in KINDS},
        }


def _columns(services: Sequence[ListedService], day: dt.date) -> dict[str, Any]:
    """Zones, schedules, sites and services; rows in order of site, then service."""
    rows = sorted(services, key=lambda service: (service.properties["site"]["id"], service.id))
    zones = {zone: n for n, zone in enumerate(sorted({row.time_zone for row in rows}))}
    schedules: dict[Schedule, int] = {}
    of_services = _services(rows, schedules)
    return {
        "zones": [{"name": zone, "offsets": offsets_of(zone, day)} for zone in zones],
        "schedules": [_schedule(schedule, zones, day) for schedule in schedules],
        "sites": _packed(_sites(rows, zones)),
        "services": _packed(of_services),
    }


def _packed(columns: Columns) -> dict[str, Any]:
    """Columns in their shortest form; one of nothing but null is left out."""
    told = {name: packed(values) for name, values in columns.items()}
    return {name: column for name, column in told.items() if column != NULL}


def _schedule(schedule: Schedule, zones: dict[str, int], day: dt.date) -> dict[str, Any]:
    plan = plan_of(schedule, day)
    return {"zone": zones[schedule.time_zone], "week": plan.week, "days": plan.days}


def _sites(rows: Sequence[ListedService], zones: dict[str, int]) -> Columns:
    sites = {row.properties["site"]["id"]: row for row in rows}.values()
    shown = [row.properties["site"] for row in sites]
    numbers = [
        [[phone["number"], phone["extension"], phone["label"]] for phone in site["phones"]]
        for site in shown
    ]
    return {
        "id": [uuid.UUID(site["id"]).hex for site in shown],
        "organization": [row.properties["organization"] for row in sites],
        **{name: [site[name] for site in shown] for name in SITE},
        "lat": [row.point[0] if row.point else None for row in sites],
        "lon": [row.point[1] if row.point else None for row in sites],
        "phones": numbers,
        "zone": [zones[row.time_zone] for row in sites],
        **{name: [site[name] for site in shown] for name in SITE_LAST},
        "confirmed_at": [_seconds(site["confirmed_at"]) for site in shown],
    }


def _services(rows: Sequence[ListedService], schedules: dict[Schedule, int]) -> Columns:
    place: dict[str, int] = {}
    for row in rows:
        place.setdefault(row.properties["site"]["id"], len(place))
    told = [row.properties for row in rows]
    facts = [fact_bits(row.properties["access"]) for row in rows]
    words = [row.word for row in rows]
    return {
        "id": [row.id.hex for row in rows],
        "site": [place[one["site"]["id"]] for one in told],
        "kind": [KIND_CODE[row.kind] for row in rows],
        "name": [None if one["name"] == one["site"]["name"] else one["name"] for one in told],
        "access_yes": [yes for yes, _no in facts],
        "access_no": [no for _yes, no in facts],
        **{name: [one[name] for one in told] for name in SERVICE},
        "care": [_number(row.care_schedule(), schedules) for row in rows],
        "door": [_number(row.door_schedule(), schedules) for row in rows],
        "windows": [row.windows for row in rows],
        "prior": [word.long_run_chance for word in words],
        **{name: [getattr(word, name) for word in words] for name in EVIDENCE},
        "evidence_at": [_seconds(word.evidence_at) for word in words],
        **{name: [getattr(word, name) for word in words] for name in WORD},
        **{name: [_seconds(getattr(word, name)) for word in words] for name in TIMES},
        "confirmed_at": [_seconds(one["confirmed_at"]) for one in told],
    }


def _rows(marks: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Steps between marks are small numbers, and small numbers compress well.

    Returns:
        A row for each latitude: how far north of the row before, its first longitude, and how far
        east each further one is of the one before.
    """
    rows, before = [], 0
    for lat, row in groupby(marks, key=lambda mark: mark[0]):
        lons = [lon for _, lon in row]
        rows.append([lat - before, lons[0], *(b - a for a, b in pairwise(lons))])
        before = lat
    return rows


def _number(schedule: Schedule | None, schedules: dict[Schedule, int]) -> int:
    return NO_HOURS if schedule is None else schedules.setdefault(schedule, len(schedules))


def _seconds(moment: dt.datetime | None) -> float | int:
    """POSIX time, 0 for never; whole where it is, since that is shorter."""
    seconds = 0.0 if moment is None else moment.timestamp()
    return int(seconds) if seconds.is_integer() else seconds
