"""What anyone may know of a service: the one place that decides it.

The search index, the API's single listings and every export take services from here, so a hidden
address cannot leak by a second way: what is not public never leaves this module.
"""

import datetime as dt
import functools
import itertools
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple, cast

import orjson
from django.db.models import CharField
from django.db.models.functions import Cast
from django.utils import translation

from services.hours import DoorState, Schedule, door_state, schedule_of
from services.listing_rows import (
    HoursRow,
    Parts,
    ServiceRow,
    SiteRow,
    parts_of,
    service_rows,
    site_rows,
)
from services.many_ids import one_of
from services.models import Phone, Service, Site
from services.models.site import SiteQuerySet
from services.told import Word, word_of
from services.vocabulary import (
    KIND_FACTS,
    Delivery,
    HoursType,
    Kind,
    LocationAccuracy,
    Visibility,
    low_barrier,
)

AT_A_TIME = 2_000  # services; what one step of a full load holds in memory
HOURS_TYPES = HoursType.values


class ListedService(NamedTuple):
    """A service as anyone may see it.

    Attributes:
        point: latitude and longitude in degrees, displaced if the site is approximate; None if the
            service is remote or found by area.
        area: country and region ("" for the whole country) in which it is found, if it has none.
        properties: what of its GeoJSON properties does not change with time or searcher. Services
            of a site share its ``site``: change nothing in it.
        schedules: by type of hours; None where the hours are not sure.
    """

    id: uuid.UUID
    kind: Kind
    point: tuple[float, float] | None
    area: tuple[str, str] | None
    remote: bool
    time_zone: str
    access: dict[str, bool]
    properties: dict[str, Any]
    windows: dict[str, str]
    schedules: dict[str, Schedule | None]
    word: Word

    def care_schedule(self) -> Schedule | None:
        """The hours that count for somebody seeking care: intake where there are any, else open."""
        intake = HoursType.INTAKE in self.schedules
        return self.schedules.get(HoursType.INTAKE if intake else HoursType.OPEN)

    def door_schedule(self) -> Schedule | None:
        """The hours that say whether the door is open: open, else intake, else dosing."""
        told = (type_ for type_ in HOURS_TYPES if type_ in self.schedules)
        return self.schedules.get(next(told, ""))

    def as_feature(self, now: dt.datetime) -> dict[str, Any]:
        """One GeoJSON feature, without the numbers that need a searcher."""
        return {
            "type": "Feature",
            "id": str(self.id),
            "geometry": geometry_of(self.point),
            "properties": self.properties
            | {
                "hours": hours_document(door_state(self.door_schedule(), now), self.windows),
                "availability": self.word.at(now),
            },
        }


def geometry_of(point: tuple[float, float] | None) -> dict[str, Any] | None:
    """A GeoJSON point of latitude and longitude, or null."""
    return None if point is None else {"type": "Point", "coordinates": [point[1], point[0]]}


def hours_document(door: DoorState, windows: Any) -> dict[str, Any]:
    """The ``hours`` of an answer; ``windows`` are the texts by type of hours."""
    return {
        "state": door.state,
        "opens_at": door.opens_at,
        "closes_at": door.closes_at,
        "windows": windows,
    }


def point_of(site: Site | SiteRow) -> tuple[float, float] | None:
    """Latitude and longitude that anyone may know of a site read ``as_shown``, or none."""
    shown = cast("Any", site)
    return None if shown.shown_lat is None else (shown.shown_lat, shown.shown_lon)


def public_site(site: Site | SiteRow, phones: list[dict[str, Any]]) -> dict[str, Any]:
    """A site as anyone may see it. No street address unless the site is public.

    Args:
        site: the site.
        phones: of ``public_phones``.
    """
    public = site.visibility == Visibility.PUBLIC
    by_phone_only = site.visibility == Visibility.PHONE_ONLY
    address = ", ".join(part for part in (site.address, site.address_extra) if part)
    accuracy = site.location_accuracy if public else LocationAccuracy.APPROXIMATE.value
    return {
        "id": str(site.id),
        "name": site.name,
        "address": address if public else None,
        "city": None if by_phone_only else site.city,
        "region": site.region,
        "postal_code": site.postal_code if public else None,
        "country": site.country,
        "phones": phones,
        "website": site.website or None,
        "time_zone": site.time_zone,
        "visibility": site.visibility,
        "location_accuracy": accuracy,
        "delivery": site.delivery,
        "naltrexone": site.naltrexone,
        "confirmed_at": site.confirmed_at,
    }


def public_phones(sites: Collection[uuid.UUID]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """The numbers of sites as a phone app dials them, the extension apart."""
    phones: dict[uuid.UUID, list[dict[str, Any]]] = defaultdict(list)
    # As plain text: reading each number as a PhoneNumber would take a third of a load's time.
    as_text = Phone.objects.filter(site__in=one_of(sites)).annotate(
        text=Cast("number", CharField())
    )
    for site_id, number, extension, label in as_text.values_list(
        "site_id", "text", "extension", "label"
    ):
        phones[site_id].append({"number": number, "extension": extension or None, "label": label})
    return phones


def listed_services(ids: Collection[uuid.UUID] | None = None) -> Iterator[ListedService]:
    """All listed services, site by site, or those of them with these ids, in order of id."""
    services = Service.objects.listed()
    if ids is None:
        services = services.order_by("site_id", "pk")  # each site's parts are read but once or so
    else:
        services = services.filter(pk__in=one_of(ids)).order_by("pk")
    waiting = service_rows(services, AT_A_TIME)
    while some := list(itertools.islice(waiting, AT_A_TIME)):
        yield from _listed(some, Site.objects.listed())


def kept_service(service_id: uuid.UUID) -> ListedService | None:
    """A service as it is told, or would be if it were listed: for those who may edit it."""
    found = service_rows(Service.objects.filter(pk=service_id), 1)
    return next(_listed(list(found), Site.objects.all()), None)


class _Shown(NamedTuple):
    """A site, and what anyone may know of it; made once for all of its services."""

    site: SiteRow
    point: tuple[float, float] | None
    properties: dict[str, Any]


def _listed(services: Collection[ServiceRow], among: SiteQuerySet) -> Iterator[ListedService]:
    """These services, unless their site is not among those: it was retired since.

    That is in the change log, so they go then.
    """
    sites = list(site_rows(among, {service.site_id for service in services}))
    phones = public_phones([site.id for site in sites])
    shown = {
        site.id: _Shown(site, point_of(site), public_site(site, phones[site.id])) for site in sites
    }
    parts = parts_of([service.id for service in services])
    for service in services:
        if place := shown.get(service.site_id):
            yield _listed_at(place, service, parts)


def _listed_at(shown: _Shown, service: ServiceRow, parts: Parts) -> ListedService:
    site, point, _ = shown
    access = orjson.loads(service.access_json)
    hours = parts.hours.get(service.id, [])
    exceptions = parts.exceptions.get(service.id, [])
    place = {"time_zone": site.time_zone, "country": site.country}
    return ListedService(
        id=service.id,
        kind=Kind(service.kind),
        point=point,
        area=(site.country, site.region) if point is None else None,
        remote=site.delivery == Delivery.REMOTE,
        time_zone=site.time_zone,
        access=access,
        properties=_properties(service, access, shown, hours, parts.sources.get(service.id, [])),
        windows={row.type: row.rule for row in hours if row.rule},
        schedules={row.type: schedule_of(row.rule, exceptions, **place) for row in hours},
        word=word_of(service),
    )


def _properties(
    service: ServiceRow,
    access: dict[str, bool],
    shown: _Shown,
    hours: list[HoursRow],
    sources: list[str],
) -> dict[str, Any]:
    site = shown.site
    return {
        "kind": service.kind,
        "name": service.name or site.name,
        "organization": site.organization__name,
        "organization_id": str(site.organization_id),
        "description": service.description,
        "site": shown.properties,
        "hours_as_published": {row.type: row.verbatim for row in hours if row.verbatim},
        "access": access | {"low_barrier": low_barrier(access)},
        "languages": service.languages,
        "min_age": service.min_age,
        "max_age": service.max_age,
        "asam": {"levels": service.asam_levels, "edition": service.asam_edition},
        "moud_policy": {
            "methadone": service.methadone_policy,
            "buprenorphine": service.buprenorphine_policy,
        },
        "unit": _unit(Kind(service.kind)),
        "confirmed_at": max(filter(None, (service.confirmed_at, site.confirmed_at)), default=None),
        "sources": sorted(sources),
    }


@functools.cache
def _unit(kind: Kind) -> str:
    """What ``remaining`` counts, in English: one rendering serves searchers of every language."""
    with translation.override("en"):
        return str(KIND_FACTS[kind].unit)
