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
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import CharField
from django.db.models.functions import Cast
from django.utils import translation

from services.hours import DoorState, Schedule, door_state, schedule_of
from services.models import Hours, HoursException, Phone, Service, ServiceSourcing, Site
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


@dataclass(frozen=True, slots=True)
class ListedService:
    """A service as anyone may see it.

    Attributes:
        point: latitude and longitude in degrees, displaced if the site is approximate; None if the
            service is remote or found by area.
        area: country and region ("" for the whole country) in which it is found, if it has none.
        properties: what of its GeoJSON properties does not change with time or searcher.
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
        told = (type_ for type_ in HoursType.values if type_ in self.schedules)
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


def point_of(site: Site) -> tuple[float, float] | None:
    """Latitude and longitude that anyone may know of a site read ``as_shown``, or none."""
    shown = cast("Any", site)
    return None if shown.shown_lat is None else (shown.shown_lat, shown.shown_lon)


def public_site(site: Site, phones: list[dict[str, Any]]) -> dict[str, Any]:
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
        "id": str(site.pk),
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
    as_text = Phone.objects.filter(site__in=sites).annotate(text=Cast("number", CharField()))
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
        services = services.filter(pk__in=ids).order_by("pk")
    waiting = services.iterator(chunk_size=AT_A_TIME)
    while some := list(itertools.islice(waiting, AT_A_TIME)):
        parts = _parts(some, Site.objects.listed())
        for service in some:
            # A site that was retired since is in the change log: its services go then.
            if site := parts.sites.get(service.site_id):
                yield _listed(service, site, parts)


def kept_service(service_id: uuid.UUID) -> ListedService | None:
    """A service as it is told, or would be if it were listed: for those who may edit it."""
    service = Service.objects.filter(pk=service_id).first()
    if service is None:
        return None
    parts = _parts([service], Site.objects.all())
    return _listed(service, parts.sites[service.site_id], parts)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What services are made of, by site or service. A site's public form is made once."""

    sites: dict[uuid.UUID, tuple[Site, dict[str, Any]]]
    hours: dict[uuid.UUID, list[Hours]]
    exceptions: dict[uuid.UUID, list[HoursException]]
    sources: dict[uuid.UUID, list[str]]


def _parts(services: Collection[Service], among: SiteQuerySet) -> _Parts:
    ids = [service.pk for service in services]
    sites = among.as_shown().filter(pk__in={service.site_id for service in services})
    found = {site.pk: site for site in sites}
    phones = public_phones(found)
    parts = _Parts(
        {pk: (site, public_site(site, phones[pk])) for pk, site in found.items()},
        defaultdict(list),
        defaultdict(list),
        defaultdict(list),
    )
    for row in Hours.objects.filter(service__in=ids):
        parts.hours[row.service_id].append(row)
    for exception in HoursException.objects.filter(service__in=ids):
        parts.exceptions[exception.service_id].append(exception)
    sourcings = ServiceSourcing.objects.filter(service__in=ids)
    for service_id, slug in sourcings.values_list("service_id", "record__source_id").distinct():
        parts.sources[service_id].append(slug)
    return parts


def _listed(service: Service, shown: tuple[Site, dict[str, Any]], parts: _Parts) -> ListedService:
    site, _ = shown
    point, hours = point_of(site), parts.hours.get(service.pk, [])
    exceptions = parts.exceptions.get(service.pk, [])
    place = {"time_zone": site.time_zone, "country": site.country}
    return ListedService(
        id=service.pk,
        kind=Kind(service.kind),
        point=point,
        area=(site.country, site.region) if point is None else None,
        remote=site.delivery == Delivery.REMOTE,
        time_zone=site.time_zone,
        access=service.access,
        properties=_properties(service, shown, hours, parts.sources.get(service.pk, [])),
        windows={row.type: row.rule for row in hours if row.rule},
        schedules={row.type: schedule_of(row.rule, exceptions, **place) for row in hours},
        word=word_of(service),
    )


def _properties(
    service: Service, shown: tuple[Site, dict[str, Any]], hours: list[Hours], sources: list[str]
) -> dict[str, Any]:
    site, public = shown
    return {
        "kind": service.kind,
        "name": service.name or site.name,
        "organization": site.organization.name,
        "organization_id": str(site.organization_id),
        "description": service.description,
        "site": public,
        "hours_as_published": {row.type: row.verbatim for row in hours if row.verbatim},
        "access": service.access | {"low_barrier": low_barrier(service.access)},
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
