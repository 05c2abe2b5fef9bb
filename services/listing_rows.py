"""What listings are made of, read as plain rows: for ``services.listing`` alone.

A site's row holds its street address even where that is not public; its true point is not read.
A model instance costs several times what a row does, and a full load reads millions.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple

from django.db.models import TextField
from django.db.models.functions import Cast

from services.acting import as_the_system
from services.hours import Days
from services.many_ids import one_of
from services.models import Hours, HoursException, ServiceSourcing
from services.models.service import ServiceQuerySet
from services.models.site import SiteQuerySet


class ServiceRow(NamedTuple):
    """What is read of a service; the names are the model's, ``access_json`` is its ``access``."""

    id: uuid.UUID
    site_id: uuid.UUID
    kind: str
    name: str
    description: str
    access_json: str
    languages: list[str]
    min_age: int | None
    max_age: int | None
    asam_levels: list[str]
    asam_edition: int | None
    methadone_policy: str
    buprenorphine_policy: str
    state: str
    remaining: int | None
    wait_days: int | None
    note: str
    as_of: dt.datetime | None
    expires_at: dt.datetime | None
    reported_by: str
    disputed: bool
    evidence_for: float
    evidence_against: float
    evidence_at: dt.datetime | None
    long_run_chance: float | None
    closed_at: dt.datetime | None
    closed_until: dt.datetime | None
    closed_by: str
    confirmed_at: dt.datetime | None


class SiteRow(NamedTuple):
    """What is read of a site; the names are those of the model as ``as_shown`` reads it."""

    id: uuid.UUID
    organization_id: uuid.UUID
    organization__name: str
    name: str
    delivery: str
    location_accuracy: str
    address: str
    address_extra: str
    city: str
    region: str
    postal_code: str
    country: str
    time_zone: str
    website: str
    visibility: str
    naltrexone: bool | None
    confirmed_at: dt.datetime | None
    shown_lat: float | None
    shown_lon: float | None


class HoursRow(NamedTuple):
    """Hours of one type."""

    type: str
    rule: str
    verbatim: str


class Parts(NamedTuple):
    """What belongs to services, by their ids, each in its model's order."""

    hours: dict[uuid.UUID, list[HoursRow]]
    exceptions: dict[uuid.UUID, list[Days]]
    sources: dict[uuid.UUID, list[str]]


def service_rows(services: ServiceQuerySet, at_a_time: int) -> Iterator[ServiceRow]:
    """Services in their order, so many at a time from the database."""
    rows = services.annotate(access_json=Cast("access", TextField())).values_list(
        *ServiceRow._fields
    )
    return map(ServiceRow._make, rows.iterator(chunk_size=at_a_time))


def site_rows(sites: SiteQuerySet, ids: Collection[uuid.UUID]) -> Iterator[SiteRow]:
    """Those of the sites that have these ids."""
    found = sites.as_shown().filter(pk__in=one_of(ids)).order_by()
    return map(SiteRow._make, found.values_list(*SiteRow._fields))


def parts_of(services: Collection[uuid.UUID]) -> Parts:
    """The parts of services."""
    wanted = {"service__in": one_of(services)}
    parts = Parts(defaultdict(list), defaultdict(list), defaultdict(list))
    hours = Hours.objects.filter(**wanted)
    for service, *of_hours in hours.values_list("service_id", *HoursRow._fields):
        parts.hours[service].append(HoursRow._make(of_hours))
    exceptions = HoursException.objects.filter(**wanted)
    for service, *of_days in exceptions.values_list("service_id", *Days._fields):
        parts.exceptions[service].append(Days._make(of_days))
    sourcings = ServiceSourcing.objects.filter(**wanted).distinct()
    with as_the_system():  # which feed it was; what that said is for moderators
        slugs = list(sourcings.values_list("service_id", "record__source_id"))
    for service, slug in slugs:
        parts.sources[service].append(slug)
    return parts
