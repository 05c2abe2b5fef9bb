"""Each change says in which region it is, so that a phone reads those of its own alone."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from services.models import Change, Hours, Service, Site
from tests.builders import a_record_of, a_service, a_site, an_organization

pytestmark = pytest.mark.django_db
Logged = set[tuple[str, str, bool]]


@contextmanager
def logged() -> Iterator[Logged]:
    """What is written meanwhile: entity, region, and whether it moved."""
    before = set(Change.objects.values_list("pk", flat=True))
    found: Logged = set()
    yield found
    after = Change.objects.exclude(pk__in=before)
    found |= set(after.values_list("entity", "region", "moved"))


def test_a_listing_and_its_parts_lie_where_its_site_does() -> None:
    with logged() as found:
        service = a_service(hours="24/7")
        a_record_of(service)
        service.hours_exceptions.create(first_day="2026-12-24", last_day="2026-12-26")
    assert found == {
        ("organization", "", False),
        ("site", "US-PA", False),
        ("service", "US-PA", False),
    }


def test_what_serves_a_whole_country_has_no_state() -> None:
    organization = an_organization()
    with logged() as found:
        a_service(a_site(region="", delivery="remote", organization=organization))
    assert found == {("site", "US-", False), ("service", "US-", False)}


def test_a_site_that_moves_is_in_both() -> None:
    service, another = a_service(), a_site()
    with logged() as found:
        Site.objects.filter(pk__in=[service.site_id, another.pk]).update(region="NJ")
    assert found == {("site", "US-PA", True), ("site", "US-NJ", True)}
    with logged() as found:
        Site.objects.filter(pk=service.site_id).update(country="CA", region="ON", name="Renamed")
    assert found == {("site", "US-NJ", True), ("site", "CA-ON", True)}


def test_so_is_a_service_of_another_site() -> None:
    service, elsewhere = a_service(), a_site(region="NJ")
    with logged() as found:
        Service.objects.filter(pk=service.pk).update(site=elsewhere)
    assert found == {("service", "US-PA", True), ("service", "US-NJ", True)}


def test_hours_taken_from_one_service_to_another_move_nothing() -> None:
    one, other = a_service(hours="24/7"), a_service(a_site(region="NJ"))
    with logged() as found:
        Hours.objects.filter(service=one).update(service=other)
    assert found == {("service", "US-PA", False), ("service", "US-NJ", False)}


def test_a_service_deleted_for_good_concerns_every_region() -> None:
    service = a_service(hours="24/7")
    with logged() as found:
        service.delete()
    assert found == {("service", "US-PA", False), ("service", "", False)}
    assert Change.objects.filter(deleted=True, region="").count() == 1
