"""GET /api/v1/organizations/ and /api/v1/organizations/{id}/"""

from typing import Any

import pytest
from django.utils import timezone

from services.vocabulary import Visibility
from tests.api.conftest import Phone
from tests.builders import a_site, an_organization

pytestmark = pytest.mark.django_db


def test_an_organization_comes_with_its_listed_sites(phone: Phone) -> None:
    owner = an_organization(website="https://clinic.example/")
    sites = [a_site(organization=owner), a_site(organization=owner)]
    a_site(organization=owner, retired_at=timezone.now())
    told = phone.get(f"/api/v1/organizations/{owner.pk}/").json()
    assert told["name"] == owner.name
    assert told["website"] == "https://clinic.example/"
    assert [site["id"] for site in told["sites"]] == sorted(str(site.pk) for site in sites)


@pytest.mark.parametrize("many", [1, 6])
def test_it_takes_three_queries_however_many_sites(
    phone: Phone, django_assert_num_queries: Any, many: int
) -> None:
    owner = an_organization()
    for _ in range(many):
        a_site(organization=owner)
    with django_assert_num_queries(3):
        phone.get(f"/api/v1/organizations/{owner.pk}/")


def test_a_page_takes_one_query(phone: Phone, django_assert_num_queries: Any) -> None:
    for _ in range(3):
        a_site()
    with django_assert_num_queries(1):
        assert len(phone.get("/api/v1/organizations/").json()["results"]) == 3


def test_one_without_a_listed_site_is_not_found(phone: Phone) -> None:
    owners = [an_organization(), a_site(retired_at=timezone.now()).organization]
    for owner in owners:
        assert phone.get(f"/api/v1/organizations/{owner.pk}/").status_code == 404
    assert phone.get("/api/v1/organizations/").json()["results"] == []


def test_its_hidden_sites_stay_hidden(phone: Phone) -> None:
    site = a_site(visibility=Visibility.APPROXIMATE, address="9 Canary Lane")
    response = phone.get(f"/api/v1/organizations/{site.organization_id}/")
    assert b"Canary" not in response.content
    assert b"39.9526" not in response.content


def test_pages_and_filters(phone: Phone) -> None:
    for region in ("PA", "PA", "NJ"):
        a_site(organization=an_organization(region=region))
    first = phone.get("/api/v1/organizations/?region=pa&limit=1").json()
    second = phone.get(first["next"]).json()
    assert second["next"] is None
    assert {row["region"] for row in first["results"] + second["results"]} == {"PA"}
