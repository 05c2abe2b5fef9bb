"""Services in several regions, enough that each region has a pack of its own."""

import itertools
import uuid
from dataclasses import dataclass

from django.contrib.gis.geos import Point

from services.displacement import displaced_point
from services.models import Hours, Organization, Phone, Service, Site
from services.vocabulary import Kind

REGIONS = {"PA": (39.95, -75.16), "NJ": (40.73, -74.17), "NY": (40.71, -74.0), "OH": (41.5, -81.7)}
KINDS = [Kind.METHADONE, Kind.DETOX, Kind.NALOXONE, Kind.BUPRENORPHINE]
SITES_OF_AN_ORGANIZATION = 10
HOURS = ["Mo-Fr 06:00-14:00", "24/7", "Mo-Sa 09:00-17:00; PH off", ""]


@dataclass(frozen=True)
class World:
    """Ids of all that there is when it begins."""

    organizations: list[uuid.UUID]
    sites: list[uuid.UUID]
    services: list[uuid.UUID]

    def parted(self, first: int) -> "tuple[World, World]":
        """The first sites with their services, and all others."""
        services = first * len(KINDS)
        return (
            World(self.organizations[:1], self.sites[:first], self.services[:services]),
            World(self.organizations[1:], self.sites[first:], self.services[services:]),
        )


def a_world(sites_a_region: int) -> World:
    """Make it: a site offers as many kinds as there are in KINDS."""
    organizations, sites = list[Organization](), list[Site]()
    for region, (lat, lon) in REGIONS.items():
        for number in range(sites_a_region):
            if number % SITES_OF_AN_ORGANIZATION == 0:
                name = f"Organization {number} of {region}"
                organizations.append(Organization(name=name, region=region))
            point = Point(lon + number % 30 / 100, lat + number // 30 / 100, srid=4326)
            sites.append(_site(organizations[-1], region, point, number))
    services = [Service(site=site, kind=kind) for site in sites for kind in KINDS]
    Organization.objects.bulk_create(organizations)
    Site.objects.bulk_create(sites)
    Phone.objects.bulk_create([Phone(site=site, number="+12155550100") for site in sites])
    Service.objects.bulk_create(services)
    rules = zip(services, itertools.cycle(HOURS), strict=False)
    Hours.objects.bulk_create([Hours(service=one, rule=rule) for one, rule in rules if rule])
    return World(*([one.pk for one in rows] for rows in (organizations, sites, services)))


def _site(organization: Organization, region: str, point: Point, number: int) -> Site:
    site = Site(
        organization=organization,
        name=f"Site {number} of {region}",
        location=point,
        address=f"{number} Market Street",
        city="A city",
        region=region,
        postal_code="19103",
        time_zone="America/New_York",
    )
    site.displaced_location = displaced_point(point, site.pk)
    return site
