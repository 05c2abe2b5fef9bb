"""Which services a change may have touched, for the phones of one region."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import Q

from services.changes.reading import Area, Row, regions_read
from services.models import Change, Service

FIRST = uuid.UUID(int=0)  # before every id


def at_sites_in(areas: Sequence[Area]) -> Q:
    """Services whose site lies in one of these areas."""
    regions: dict[str, list[str]] = defaultdict(list)
    for country, region in areas:
        regions[country].append(region)
    within = Q(pk__in=[])
    for country, of_country in regions.items():
        within |= Q(site__country=country, site__region__in=of_country)
    return within


def touched_by(
    rows: Sequence[Row], areas: Sequence[Area], *, most: int, after: uuid.UUID
) -> Iterator[list[uuid.UUID]]:
    """For each row, the services its change may have touched, in order of id.

    Args:
        rows: of the change log.
        areas: of the region that is read.
        most: of how many services the reader takes no more: so many of organizations are read. A
            site has no more of them than there are kinds.
        after: of the first row, only services with greater ids.
    """
    of_sites = _of_sites(row.entity_id for row in rows if row.entity == Change.Entity.SITE)
    of_organizations = _of_organizations(rows, areas, most=most, after=after)
    for number, row in enumerate(rows):
        if row.entity == Change.Entity.ORGANIZATION:
            yield of_organizations.get((row.entity_id, FIRST if number else after), [])
            continue
        is_site = row.entity == Change.Entity.SITE
        found = of_sites.get(row.entity_id, []) if is_site else [row.entity_id]
        yield found if number else [service for service in found if service > after]


def _of_sites(sites: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[uuid.UUID]]:
    found: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    if wanted := set(sites):
        services = Service.objects.filter(site__in=wanted).order_by("pk")
        for service, site in services.values_list("pk", "site_id"):
            found[site].append(service)
    return found


# Those at sites in these areas: an organization's change moves no site, so others were not told.
OF_ORGANIZATIONS = """
    SELECT wanted.organization, wanted.after, service.id
    FROM unnest(%(organizations)s::uuid[], %(afters)s::uuid[]) WITH ORDINALITY
        AS wanted(organization, after, place)
    JOIN services_site AS site ON site.organization_id = wanted.organization
    JOIN services_service AS service ON service.site_id = site.id AND service.id > wanted.after
    WHERE site.country || '-' || site.region = ANY(%(regions)s)
    ORDER BY wanted.place, service.id LIMIT %(limit)s
"""


def _of_organizations(
    rows: Sequence[Row], areas: Sequence[Area], *, most: int, after: uuid.UUID
) -> dict[tuple[uuid.UUID, uuid.UUID], list[uuid.UUID]]:
    """By organization and the id they come after, in the order of the rows.

    No more are read than a page can hold, or twice that: an organization can come twice.
    """
    asked = dict.fromkeys(
        (row.entity_id, FIRST if number else after)
        for number, row in enumerate(rows)
        if row.entity == Change.Entity.ORGANIZATION
    )
    found: dict[tuple[uuid.UUID, uuid.UUID], list[uuid.UUID]] = defaultdict(list)
    if asked:
        organizations, afters = zip(*asked, strict=True)
        where: dict[str, Any] = {"organizations": list(organizations), "afters": list(afters)}
        where |= {"regions": regions_read(areas), "limit": 2 * (most + 1)}
        with connection.cursor() as cursor:
            cursor.execute(OF_ORGANIZATIONS, where)
            for organization, later_than, service in cursor.fetchall():
                found[organization, later_than].append(service)
    return found
