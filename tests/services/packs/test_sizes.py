"""How large packs and pages are, of published data: the fewest services with the most towns."""

import datetime as dt
import random

import deflate
import pytest
from django.conf import settings

from api.encodings import LEVEL
from services.gazetteer import gazetteer
from services.imports.runs import import_file
from services.models import Service
from services.packs.body import page_of
from services.packs.building import Snapshot, pack_bodies, services_in, squeezed
from services.packs.regions import PackRegion, all_united, listed_by_area
from services.places import cities, load_places, postal_codes
from services.vocabulary import Availability
from tests.builders import a_report
from tests.services.imports.test_published_files import PLACES, TORONTO, VANCOUVER

pytestmark = pytest.mark.django_db

MOST_PER_SERVICE = 100  # bytes, gzipped
MOST_OF_A_DAY = 30_000  # bytes, gzipped, of a state's changes of a day
TOLD_IN_A_DAY = 200  # services of a state that a busy day changes
NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
CURSOR = "c" * 120


@pytest.fixture
def canada() -> PackRegion:
    """All that is published of it, with all of its towns."""
    towns = cities(PLACES / "cities500_us_ca_pr.csv.gz")
    zips = postal_codes(PLACES / "us_zcta_centroids.csv.gz")  # there must be one for imports
    load_places([next(iter(zips)), *(town for town in towns if town.country == "CA")])
    import_file("toronto", TORONTO)
    import_file("vancouver", VANCOUVER / "vancouver-pharmacies.csv")
    (region,) = all_united(listed_by_area())
    return region


def test_a_service_takes_at_most_a_hundred_bytes(canada: PackRegion) -> None:
    services = services_in(canada.areas)
    assert len(services) > MOST_PER_SERVICE
    towns = gazetteer.towns_in(canada.areas)
    assert len(towns) == len(canada.areas) - 1
    snapshot = Snapshot(canada, services, towns, NOW, (7, 9), CURSOR)
    packs = pack_bodies(snapshot, [code for code, _name in settings.LANGUAGES])
    assert len(packs) > 1
    for pack in packs.values():
        assert len(squeezed(pack)) <= MOST_PER_SERVICE * len(services)


def test_a_busy_day_of_a_state_stays_under_30_kilobytes(canada: PackRegion) -> None:
    dice = random.Random(1)
    states = [
        Availability.AVAILABLE,
        Availability.LIMITED,
        Availability.FULL,
        Availability.WAITLIST,
    ]
    for service in Service.objects.listed():
        a_report(service, dice.choice(states), ago=dt.timedelta(minutes=dice.uniform(0, 1_000)))
    told = services_in(canada.areas)
    page = page_of(
        told,
        [],
        region=canada.id,
        areas=canada.areas,
        cursor=CURSOR,
        day=NOW.date(),
        more=False,
    )
    size = len(deflate.gzip_compress(page, LEVEL))
    assert size * TOLD_IN_A_DAY <= MOST_OF_A_DAY * len(told)
