"""The world's packs: as the server writes them, but for a span with both changes of the clocks."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import orjson

from services.listing import ListedService
from services.packs.body import bodies_of
from tests.vectors.answers import gazetteer
from tests.vectors.world import REGIONS, SPANS, Area


def packs_of(services: Sequence[ListedService]) -> list[dict[str, Any]]:
    """A pack for each region."""
    return [_pack(region, areas, services) for region, areas in REGIONS.items()]


def area_of(service: ListedService) -> Area:
    """The country and region whose pack holds a service."""
    site = service.properties["site"]
    return site["country"], site["region"]


def _pack(region: str, areas: Sequence[Area], services: Sequence[ListedService]) -> dict[str, Any]:
    within = [service for service in services if area_of(service) in areas]
    first, second = (_pack_of_day(region, areas, within, day) for day in SPANS)
    for one, later in zip(first["schedules"], second["schedules"], strict=True):
        _go_on(one, later, first["until"], second["until"])
    for zone, later in zip(first["zones"], second["zones"], strict=True):
        known = zone["offsets"][-1][0]
        zone["offsets"] += [each for each in later["offsets"] if each[0] > known]
    return first | {"until": second["until"]}


def _pack_of_day(
    region: str, areas: Sequence[Area], services: Sequence[ListedService], day: dt.date
) -> dict[str, Any]:
    pack: dict[str, Any] = orjson.loads(
        bodies_of(
            services,
            region=region,
            areas=areas,
            languages=["en"],
            cursor="vectors",
            day=day,
            towns=gazetteer().towns_in(areas),
        )["en"]
    )
    return pack


def _go_on(one: dict[str, Any], later: dict[str, Any], start: str, end: str) -> None:
    """Let a schedule's special days go on as a later pack tells them."""
    day, until = dt.date.fromisoformat(start), dt.date.fromisoformat(end)
    while day < until:
        usual = later["week"][day.weekday()]
        told = later["days"].get(day.isoformat(), usual)
        if day.isoformat() in later["days"] or told != one["week"][day.weekday()]:
            one["days"][day.isoformat()] = told
        day += dt.timedelta(days=1)
