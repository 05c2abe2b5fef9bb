"""GET /api/v1/sites/ and /api/v1/sites/{id}/"""

from typing import Any

import pytest
from django.utils import timezone

from services.vocabulary import Delivery, Kind, Visibility
from tests.api.conftest import Phone
from tests.builders import a_service, a_site

pytestmark = pytest.mark.django_db


def test_a_site_comes_with_its_services(phone: Phone) -> None:
    site = a_site()
    listed = [a_service(site, Kind.DETOX), a_service(site, Kind.NALOXONE)]
    a_service(site, Kind.METHADONE, retired_at=timezone.now())
    feature = phone.get(f"/api/v1/sites/{site.pk}/").json()
    assert feature["properties"]["address"] == site.address
    assert feature["properties"]["organization"] == site.organization.name
    found = [service["id"] for service in feature["properties"]["services"]]
    assert found == sorted(str(service.pk) for service in listed)


@pytest.mark.parametrize("many", [1, 5])
def test_it_takes_the_same_queries_however_many_services(
    phone: Phone, django_assert_num_queries: Any, many: int
) -> None:
    site = a_site()
    for kind in list(Kind)[:many]:
        a_service(site, kind)
    with django_assert_num_queries(11):
        phone.get(f"/api/v1/sites/{site.pk}/")


@pytest.mark.parametrize("many", [1, 9])
def test_a_page_takes_two_queries(phone: Phone, django_assert_num_queries: Any, many: int) -> None:
    for _ in range(many):
        a_site()
    with django_assert_num_queries(2):
        assert len(phone.get("/api/v1/sites/").json()["features"]) == many


@pytest.mark.parametrize("visibility", [Visibility.APPROXIMATE, Visibility.PHONE_ONLY])
def test_a_hidden_site_stays_hidden(phone: Phone, visibility: Visibility) -> None:
    site = a_site(visibility=visibility, address="9 Canary Lane", postal_code="19199")
    a_service(site)
    for path in (f"/api/v1/sites/{site.pk}/", "/api/v1/sites/"):
        response = phone.get(path)
        assert response.status_code == 200
        for canary in (b"Canary", b"19199", b"39.9526", b"-75.1652"):
            assert canary not in response.content


def test_a_remote_site_has_no_point(phone: Phone) -> None:
    site = a_site(delivery=Delivery.REMOTE)
    assert phone.get(f"/api/v1/sites/{site.pk}/").json()["geometry"] is None


def test_a_retired_site_is_not_found(phone: Phone) -> None:
    site = a_site(retired_at=timezone.now())
    assert phone.get(f"/api/v1/sites/{site.pk}/").status_code == 404
    assert phone.get("/api/v1/sites/").json()["features"] == []


def test_filters_narrow_the_list(phone: Phone) -> None:
    site = a_site(region="ON", country="CA")
    a_site()
    for query in ("region=on", "country=CA", f"organization={site.organization_id}"):
        features = phone.get(f"/api/v1/sites/?{query}").json()["features"]
        assert [feature["id"] for feature in features] == [str(site.pk)]


def test_an_unchanged_site_is_not_sent_again(phone: Phone) -> None:
    path = f"/api/v1/sites/{a_site().pk}/"
    headers = {"if-none-match": phone.get(path)["ETag"]}
    assert phone.get(path, headers=headers).status_code == 304
