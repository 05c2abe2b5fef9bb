"""Staleness: counted by the database as the rule says, and by nobody's guess."""

import datetime as dt
import statistics
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.daily_reporting import WINDOW_DAYS, complies, days_closed, days_missed, days_of
from services.models import AvailabilityReport, Closing, Organization, Service
from services.staleness import (
    Staleness,
    asked_at,
    staleness_of_all,
    staleness_of_organizations,
    staleness_of_regions,
    staleness_of_services,
)
from services.vocabulary import Availability, Kind, Reporter
from tests.builders import a_report, a_service, a_site, an_organization

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
NEW_YORK = "America/New_York"
NOW = dt.datetime(2026, 11, 24, 17, tzinfo=dt.UTC)


# --- The database counts the same -----------------------------------------------------------------

reports = st.lists(
    st.tuples(
        st.integers(0, 45 * 24),  # hours ago
        st.sampled_from([Reporter.CLINIC_STAFF, Reporter.OUTREACH, Reporter.FEED]),
        st.sampled_from([False, False, False, True]),  # withdrawn
    ),
    max_size=40,
)
closings = st.lists(
    st.tuples(
        st.integers(-2 * 24, 45 * 24),  # hours ago it ended, or ends
        st.integers(1, 10 * 24),  # hours it lasts
        st.sampled_from(["service", "site", "organization", "another"]),
        st.sampled_from([None, None, 0.5]),  # reopened by hand, after which share
    ),
    max_size=3,
)
moments = st.sampled_from(
    [
        NOW,
        dt.datetime(2026, 11, 2, 4, 55, tzinfo=dt.UTC),  # the clock was put back a day ago
        dt.datetime(2026, 3, 9, 4, 0, tzinfo=dt.UTC),  # and put on
        dt.datetime(2026, 3, 1, 5, 0, tzinfo=dt.UTC),
    ]
)
zones = st.sampled_from([NEW_YORK, "America/Vancouver", "America/St_Johns", "Asia/Kolkata", "UTC"])


def said(service: Service, at: dt.datetime, reporter: Reporter, *, withdrawn: bool) -> None:
    AvailabilityReport.objects.create(
        id=uuid.uuid4(),
        service=service,
        state=Availability.FULL,
        observed_at=at,
        reporter=reporter,
        channel=AvailabilityReport.Channel.API,
        withdrawn_at=at if withdrawn else None,
    )


def closed(scope: str, service: Service, made_at: dt.datetime, **more: Any) -> None:
    site, owner = service.site, service.site.organization
    parts: dict[str, Any] = {}
    if scope == "site":
        parts = {"site": site}
    elif scope != "organization":
        another = scope == "another"
        parts = {"service": a_service(a_site(organization=owner)) if another else service}
    Closing.objects.create(
        organization=owner, made_at=made_at, closed_by=Reporter.CLINIC_STAFF, **parts, **more
    )


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(reports=reports, closings=closings, at=moments, zone=zones)
def test_the_database_counts_as_the_rule_says(
    reports: list[Any], closings: list[Any], at: dt.datetime, zone: str
) -> None:
    service = a_service(a_site(time_zone=zone))
    for hours, reporter, withdrawn in reports:
        said(service, at - hours * HOUR, reporter, withdrawn=withdrawn)
    standing = [at - hours * HOUR for hours, _, withdrawn in reports if not withdrawn]
    excused = set[dt.date]()
    for ended, lasts, scope, reopened in closings:
        until = at - ended * HOUR
        begun = until - lasts * HOUR
        by_hand = None if reopened is None else begun + reopened * lasts * HOUR
        closed(scope, service, begun, until=until, reopened_at=by_hand)
        if scope != "another":
            ends = [until, by_hand or until, *(moment for moment in standing if moment > begun)]
            excused |= days_closed(begun, min(ends), zone)
    today = at.astimezone(ZoneInfo(zone)).date()
    expected = days_missed(days_of(standing, zone), excused=excused, today=today)
    owner = service.site.organization_id
    told = {row.id: row for row in staleness_of_services(owner, at=at)}[service.pk]
    assert told.missed == expected
    assert told.reports == bool(standing)
    counted = staleness_of_organizations([owner], at=at)[owner]
    assert counted.days_missed == len(expected)
    assert counted.most_days_missed == (len(expected) if standing else None)
    assert counted.non_compliant == (0 if complies(expected) else 1)
    assert counted.reporting == bool(standing)


# --- What is counted ------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


def counted(organization: Organization) -> Staleness:
    return staleness_of_organizations([organization.pk], at=timezone.now())[organization.pk]


def test_confirmed_is_the_service_or_its_site_within_ninety_days() -> None:
    owner, now = an_organization(), timezone.now()
    a_service(a_site(organization=owner), confirmed_at=now - 89 * DAY)
    a_service(a_site(organization=owner, confirmed_at=now - 89 * DAY), confirmed_at=now - 99 * DAY)
    a_service(a_site(organization=owner, confirmed_at=now - 91 * DAY))
    a_service(a_site(organization=owner))
    assert counted(owner).confirmed == 2
    assert counted(owner).document()["confirmed_share"] == 0.5


def test_told_is_a_word_that_stands_or_a_closing() -> None:
    owner, now = an_organization(), timezone.now()
    site = a_site(organization=owner)
    a_report(a_service(site, Kind.METHADONE))
    a_report(a_service(site, Kind.DETOX), ago=13 * HOUR)  # expired an hour ago
    shut = a_service(site, Kind.TESTING)
    shut.closed_at, shut.closed_until = now - HOUR, now + HOUR
    shut.closed_by = Reporter.CLINIC_STAFF
    shut.save()
    a_service(site, Kind.NALOXONE)
    assert counted(owner).told == 2
    assert counted(owner).never_reported == 2
    states = {row.kind: row.state for row in staleness_of_services(owner.pk, at=now)}
    assert states["testing"] == "closed_temporarily"
    assert states["detox"] == "unknown"


def test_ages_are_of_the_services_that_have_a_word() -> None:
    owner = an_organization()
    site = a_site(organization=owner)
    hours = [1, 2, 3, 50]
    for kind, age in zip(Kind, hours, strict=False):
        a_report(a_service(site, kind), ago=age * HOUR)
    a_service(site, Kind.PEER_SUPPORT)
    told = counted(owner)
    assert told.median_age_hours == pytest.approx(statistics.median(hours), abs=0.01)
    tenths = statistics.quantiles(hours, n=10, method="inclusive")
    assert told.p90_age_hours == pytest.approx(tenths[8], abs=0.01)


def test_without_any_word_there_is_no_age_and_nothing_to_comply_with() -> None:
    told = counted(a_service().site.organization).document()
    assert told["median_age_hours"] is None
    assert told["compliant"] is None
    assert told["most_days_missed"] is None


def test_an_organization_complies_if_all_of_its_reporting_services_do() -> None:
    owner, now = an_organization(), timezone.now()
    site = a_site(organization=owner)
    daily, forgotten = a_service(site, Kind.DETOX), a_service(site, Kind.METHADONE)
    a_service(site, Kind.TESTING)
    for day in range(1, 10):
        said(daily, now - day * DAY, Reporter.CLINIC_STAFF, withdrawn=False)
    assert counted(owner).document()["compliant"] is True
    said(forgotten, now - 10 * DAY, Reporter.CLINIC_STAFF, withdrawn=False)
    told = counted(owner)
    assert told.document()["compliant"] is False
    assert (told.reporting, told.non_compliant) == (2, 1)
    assert told.days_missed == told.most_days_missed == 9


def test_retired_services_and_sites_are_not_counted() -> None:
    owner, now = an_organization(), timezone.now()
    a_service(a_site(organization=owner), retired_at=now)
    a_service(a_site(organization=owner, retired_at=now))
    assert staleness_of_organizations([owner.pk], at=now) == {}
    assert staleness_of_all(at=now, organizations=[owner.pk]) is None
    assert staleness_of_services(owner.pk, at=now) == []


def test_regions_are_those_of_the_sites() -> None:
    owner = an_organization(region="PA")
    for region in ("PA", "NJ", "NJ"):
        a_report(a_service(a_site(organization=owner, region=region)))
    told = staleness_of_regions(at=timezone.now())
    assert [(country, region, row.services) for country, region, row in told] == [
        ("US", "NJ", 2),
        ("US", "PA", 1),
    ]
    together = staleness_of_all(at=timezone.now())
    assert together
    assert together.services == together.told == 3


@pytest.mark.parametrize("many", [1, 5])
def test_one_query_whatever_the_number(django_assert_num_queries: Any, many: int) -> None:
    for _ in range(many):
        a_report(a_service())
    with django_assert_num_queries(1):
        staleness_of_regions(at=timezone.now())


def test_an_answer_is_about_the_last_full_five_minutes() -> None:
    moment = dt.datetime(2026, 11, 24, 17, 4, 59, 999, tzinfo=dt.UTC)
    assert asked_at(moment) == dt.datetime(2026, 11, 24, 17, 0, tzinfo=dt.UTC)
    assert WINDOW_DAYS == 30
