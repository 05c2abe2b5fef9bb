"""The page on staleness: all for moderators, their own for clinic staff, nothing for others."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from services.models import Organization
from services.staleness_charts import ages, told_per_day
from services.vocabulary import Kind, Role
from tests.builders import a_report, a_service, a_site, an_account, an_organization
from tests.services.admin.door import signed_in

pytestmark = pytest.mark.django_db
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


def page(client: Client, **asked: Any) -> str:
    response = client.get(reverse("admin:staleness"), asked)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def own() -> Organization:
    return an_organization(name="Own Clinic")


@pytest.fixture
def staff(own: Organization) -> Client:
    return signed_in(an_account(Role.CLINIC_STAFF, own, is_staff=True))


def test_a_moderator_sees_every_region_and_goes_on_to_its_organizations(client: Client) -> None:
    for region in ("PA", "NJ"):
        owner = an_organization(name=f"Clinic of {region}", region=region)
        a_report(a_service(a_site(organization=owner, region=region)))
    html = page(client)
    assert "Pennsylvania" in html
    assert "New Jersey" in html
    assert "?country=US&amp;region=PA" in html
    html = page(client, country="US", region="PA")
    assert "Clinic of PA" in html
    assert "Clinic of NJ" not in html


def test_a_region_leads_to_whoever_has_a_site_there(client: Client) -> None:
    a_service(a_site(region="NJ", organization=an_organization(name="From Afar", region="PA")))
    assert "From Afar" in page(client, country="US", region="NJ")


def test_clinic_staff_see_their_own_organization_alone(staff: Client, own: Organization) -> None:
    a_service(a_site(organization=own, name="Own Door"), Kind.DETOX)
    a_service(a_site(organization=an_organization(name="Another Clinic"), name="Other Door"))
    for asked in ({}, {"country": "US", "region": "PA"}):
        html = page(staff, **asked)
        assert "Own Clinic" in html
        assert "Own Door" in html
        assert "Withdrawal management" in html
        assert "Another Clinic" not in html
        assert "Other Door" not in html
        assert "Pennsylvania" not in html


def test_others_do_not_see_it(client: Client) -> None:
    for role in (None, Role.OUTREACH):
        outsider = signed_in(an_account(role, is_staff=True))
        assert outsider.get(reverse("admin:staleness")).status_code in (302, 403)
    assert Client().get(reverse("admin:staleness")).status_code == 302
    assert client.get(reverse("admin:staleness")).status_code == 200


@pytest.mark.parametrize("asked", [{"region": "ZZ"}, {"region": "PA", "country": "\0"}])
def test_a_region_without_a_service_is_not_found(client: Client, asked: dict[str, str]) -> None:
    a_service()
    assert client.get(reverse("admin:staleness"), asked).status_code == 404


def test_days_missed_are_named(staff: Client, own: Organization) -> None:
    service = a_service(a_site(organization=own), Kind.METHADONE)
    a_report(service, ago=4 * DAY)
    html = page(staff)
    assert "1 not kept" in html
    assert re.search(
        r'data-label="Days missed"><span>3 <span class="badge badge-bad">too many', html
    )


def test_the_page_runs_no_inline_code_and_asks_no_other_host(client: Client) -> None:
    a_report(a_service())
    response = client.get(reverse("admin:staleness"))
    html = response.content.decode()
    assert html.count("<svg") >= 2
    assert "style=" not in html
    assert "<style" not in html
    assert 'src="http' not in html
    assert response["Referrer-Policy"] == "same-origin"


def test_names_are_shown_as_text(client: Client) -> None:
    owner = an_organization(name="<script>alert(1)</script>", region="PA")
    a_service(a_site(organization=owner))
    assert "<script>alert" not in page(client, country="US", region="PA")


def test_first_pages_lead_to_it(client: Client, staff: Client, own: Organization) -> None:
    a_service(a_site(organization=own))
    for browser in (client, staff):
        assert reverse("admin:staleness") in browser.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("many", [1, 4])
def test_the_page_asks_as_often_for_many_as_for_few(
    client: Client, django_assert_num_queries: Any, many: int
) -> None:
    for number in range(many):
        a_report(a_service(a_site(region=("PA", "NJ", "NY", "DE")[number])))
    page(client)
    with django_assert_num_queries(7):
        page(client)


def test_a_word_counts_for_the_days_on_which_it_stood() -> None:
    site, now = a_site(), timezone.now()
    a_report(a_service(site, Kind.NALOXONE), ago=4.5 * DAY)  # stands for four days
    a_service(site, Kind.TESTING)
    shares = [share for _day, share in told_per_day(at=now)]
    assert len(shares) == 30
    assert shares[::-1][:7] == [0, 0.5, 0.5, 0.5, 0.5, 0, 0]
    assert told_per_day(at=now)[-1][0] == now.date()


def test_words_of_the_same_service_count_once() -> None:
    service = a_service(kind=Kind.TESTING)
    for days in (0, 1, 2):
        a_report(service, ago=days * DAY)
    assert told_per_day(at=timezone.now())[-1][1] == 1


def test_ages_are_sorted_into_rooms_and_never_is_one() -> None:
    site = a_site()
    for kind, age in zip(Kind, (1, 7, 30, 71, 200, 700), strict=False):
        a_report(a_service(site, kind), ago=age * HOUR)
    a_service(site, Kind.PEER_SUPPORT)
    assert [count for _label, count in ages(at=timezone.now())] == [1] * 7
    assert sum(count for _label, count in ages(at=timezone.now(), organizations=[])) == 0
