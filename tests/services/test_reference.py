"""The index against the SQL reference, on published facilities."""

import datetime as dt
import random
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from services.index import Query, live_index
from services.models import Service, Site
from services.vocabulary import Availability, Kind
from tests.builders import a_report

FIXTURES = Path(__file__).parents[2] / "fixtures"
FEEDS = {
    "samhsa_otp": "samhsa-otp-2021/Opioid_Treatment_Directory_Geocoded.csv",
    "samhsa_moud": "samhsa-moud-2020/us-wide-moudsCleaned.SAMHSA-rows.csv.gz",
    "samhsa_directory": "findtreatment-api-sample/locations.json",
    "toronto": "toronto-substance-use/Substance Use Treatment.csv",
    "vancouver": "vancouver-naloxone-pharmacies/vancouver-pharmacies.csv",
}
QUERIES = 200
REPORTS = 150


def report_on_some(dice: random.Random) -> None:
    """Reports and hours, which the feeds have none of."""
    services = list(Service.objects.listed().order_by("pk"))
    for service in dice.sample(services, REPORTS):
        state = dice.choice([s for s in Availability if s != Availability.UNKNOWN])
        for _ in range(dice.choice([1, 1, 3])):  # the more, the more its own chance is learned
            a_report(service, state, ago=dt.timedelta(hours=dice.uniform(0, 100)))
        service.hours.update_or_create(
            type="open",
            defaults={
                "rule": dice.choice(["24/7", "Mo-Fr 08:00-16:00", "Tu-Sa 18:00-02:00; PH off"])
            },
        )


def any_query(dice: random.Random, sites: list[Site]) -> Query:
    near = dice.choice(sites).location
    assert near is not None
    return Query(
        lat=near.y + dice.gauss(0, 0.3),
        lon=near.x + dice.gauss(0, 0.3),
        at=timezone.now() + dt.timedelta(hours=dice.uniform(-12, 100)),
        kinds=tuple(dice.sample(list(Kind), dice.choice([1, 1, 3, len(Kind)]))),
        mode=dice.choice(["walk", "transit", "drive"]),
        open_now=dice.random() < 0.2,
        available_only=dice.random() < 0.2,
        max_km=dice.choice([None, None, 25]),
        access=dice.choice([{}, {}, {"medicaid": True}, {"women": True, "self_pay": True}]),
        strict=dice.random() < 0.3,
    )


def analyze() -> None:
    """Else the planner takes the tables for empty ones, in triggers too."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.django_db
def test_index_and_reference_agree_on_published_facilities() -> None:
    dice = random.Random(11)
    call_command("load_places", verbosity=0)
    for feed, name in FEEDS.items():
        call_command("import_feed", feed, str(FIXTURES / name), "--no-progress", verbosity=0)
    report_on_some(dice)
    analyze()
    live_index.load()
    assert len(live_index.index) > 5_000
    sites = list(Site.objects.on_the_map().order_by("pk"))
    found = 0
    for _ in range(QUERIES):
        query = any_query(dice, sites)
        hits = live_index.index.find(query)
        reference = Service.objects.ranked_reference(query)
        assert [hit.id for hit in hits] == [row.id for row in reference]
        assert [hit.expected_minutes for hit in hits] == pytest.approx(
            [row.expected_minutes for row in reference], abs=1e-6, rel=1e-9
        )
        found += len(hits)
    assert found > QUERIES
