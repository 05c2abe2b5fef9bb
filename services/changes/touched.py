"""Which services a change may have touched, for the phones of one region."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Q

from services.changes.reading import Area, Row
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
        most: services read of one organization at once; a site has no more than there are kinds.
        after: of the first row, only services with greater ids.
    """
    of_sites = _of_sites(row.entity_id for row in rows if row.entity == Change.Entity.SITE)
    of_organizations: dict[uuid.UUID, list[uuid.UUID]] = {}
    for number, row in enumerate(rows):
        if row.entity == Change.Entity.SERVICE:
            found = [row.entity_id]
        elif row.entity == Change.Entity.SITE:
            found = of_sites.get(row.entity_id, [])
        elif number == 0:
            found = _of_organization(row.entity_id, areas, most=most, after=after)
        else:
            if row.entity_id not in of_organizations:
                of_organizations[row.entity_id] = _of_organization(row.entity_id, areas, most=most)
            found = of_organizations[row.entity_id]
        yield found if number else [service for service in found if service > after]


def _of_sites(sites: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[uuid.UUID]]:
    found: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    if wanted := set(sites):
        services = Service.objects.filter(site__in=wanted).order_by("pk")
        for service, site in services.values_list("pk", "site_id"):
            found[site].append(service)
    return found


def _of_organization(
    organization: uuid.UUID, areas: Sequence[Area], *, most: int, after: uuid.UUID = FIRST
) -> list[uuid.UUID]:
    """Those at its sites in these areas: its change moves no site, so others were not told."""
    services = Service.objects.filter(at_sites_in(areas), site__organization=organization)
    return list(services.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:most])
