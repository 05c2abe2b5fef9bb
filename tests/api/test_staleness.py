"""GET /api/v1/staleness/regions/, /staleness/organizations/, /organizations/{id}/staleness/"""

import csv
import datetime as dt
import io
import uuid
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from services.vocabulary import Kind, Visibility
from tests.api.conftest import Phone
from tests.builders import a_report, a_service, a_site, an_organization

pytestmark = pytest.mark.django_db
REGIONS = "/api/v1/staleness/regions/"
ORGANIZATIONS = "/api/v1/staleness/organizations/"
NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


def table(response: Any) -> list[dict[str, str]]:
    assert response["Content-Type"] == "text/csv; charset=utf-8; header=present"
    return list(csv.DictReader(io.StringIO(response.getvalue().decode(), newline="")))


def test_regions_tell_shares_ages_and_days(phone: Phone) -> None:
    site = a_site(region="NJ", confirmed_at=timezone.now())
    a_report(a_service(site), ago=dt.timedelta(hours=30))
    a_service(site, Kind.TESTING)
    a_service(a_site(region="PA"))
    response = phone.get(REGIONS)
    assert response["Cache-Control"] == "public, max-age=300"
    new_jersey, pennsylvania = response.json()["results"]
    assert new_jersey["region"] == "NJ"
    assert new_jersey["services"] == 2
    assert new_jersey["confirmed_share"] == 1
    assert new_jersey["told_share"] == 0.5
    assert new_jersey["never_reported"] == 1
    assert new_jersey["median_age_hours"] == pytest.approx(30, abs=0.2)
    assert new_jersey["services_reporting"] == 1
    assert pennsylvania["compliant"] is None


def test_an_answer_holds_for_five_minutes(phone: Phone) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        a_report(a_service())
        first = phone.get(REGIONS)
        clock.shift(299)
        headers = {"If-None-Match": first["ETag"]}
        assert phone.get(REGIONS, headers=headers).status_code == 304
        assert phone.get(f"{REGIONS}?format=csv", headers=headers).status_code == 200
        clock.shift(1)
        assert phone.get(REGIONS, headers=headers).status_code == 200


def test_organizations_come_in_pages_in_order_of_id(phone: Phone) -> None:
    owners = [a_service(a_site(organization=an_organization())).site.organization for _ in "123"]
    an_organization()
    a_site()
    first = phone.get(f"{ORGANIZATIONS}?limit=2").json()
    second = phone.get(first["next"]).json()
    found = [row["id"] for row in first["results"] + second["results"]]
    assert found == sorted(str(owner.pk) for owner in owners)
    assert second["next"] is None
    assert first["at"].endswith("+00:00")


def test_organizations_are_filtered_by_region_and_country(phone: Phone) -> None:
    for region, country in (("PA", "US"), ("NJ", "US"), ("ON", "CA")):
        a_service(a_site(organization=an_organization(region=region, country=country)))
    assert [row["region"] for row in phone.get(f"{ORGANIZATIONS}?region=pa").json()["results"]] == [
        "PA"
    ]
    assert [
        row["region"] for row in phone.get(f"{ORGANIZATIONS}?country=CA").json()["results"]
    ] == ["ON"]


@pytest.mark.parametrize("many", [1, 6])
def test_a_page_takes_two_queries_however_many(
    phone: Phone, django_assert_num_queries: Any, many: int
) -> None:
    for _ in range(many):
        a_report(a_service())
    with django_assert_num_queries(2):
        assert len(phone.get(ORGANIZATIONS).json()["results"]) == many


def test_a_table_for_a_spreadsheet_has_one_line_a_region(phone: Phone) -> None:
    a_service(a_site(region="PA"))
    for response in (
        phone.get(f"{REGIONS}?format=csv"),
        phone.get(REGIONS, headers={"Accept": "text/csv"}),
    ):
        assert response["Cache-Control"] == "public, max-age=300"
        assert response["ETag"]
        assert "attachment" in response["Content-Disposition"]
        assert response.content.count(b"\r\n") == 2
        [row] = table(response)
        assert row["region"] == "PA"
        assert row["services"] == "1"
        assert row["compliant"] == ""


def test_the_table_of_organizations_holds_all_of_them_and_nothing_open(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.v1.staleness.AT_A_TIME", 2)
    owners = [a_service().site.organization for _ in range(5)]
    response = phone.get(f"{ORGANIZATIONS}?format=csv&region=PA")
    assert not response.streaming  # who reads slowly holds no connection to the database
    assert [row["id"] for row in table(response)] == sorted(str(owner.pk) for owner in owners)
    assert table(phone.get(f"{ORGANIZATIONS}?format=csv&region=NJ")) == []
    assert len(table(phone.get(ORGANIZATIONS, headers={"Accept": "text/csv"}))) == 5


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "＝1", 'Say "yes", =1\r\nnext', "Ünïcode"],
)
def test_a_name_is_no_formula_and_comes_back_whole(phone: Phone, name: str) -> None:
    a_service(a_site(organization=an_organization(name=name)))
    [row] = table(phone.get(f"{ORGANIZATIONS}?format=csv"))
    assert row["name"] in (name, f"'{name}")
    assert not row["name"].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "＝"))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (f"{REGIONS}?format=xml", "format"),
        (f"{REGIONS}?region=PA", "region"),
        (f"{ORGANIZATIONS}?format=xml", "format"),
        (f"{ORGANIZATIONS}?kind=detox", "kind"),
        (f"{ORGANIZATIONS}?format=csv&limit=5", "limit"),
        (f"{ORGANIZATIONS}?limit=0", "limit"),
        (f"{ORGANIZATIONS}?cursor=x", "cursor"),
    ],
)
def test_what_is_not_usable_is_named(phone: Phone, query: str, field: str) -> None:
    response = phone.get(query)
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_an_organization_is_told_service_by_service(phone: Phone) -> None:
    site = a_site(confirmed_at=timezone.now())
    reported, silent = a_service(site, Kind.DETOX), a_service(site, Kind.TESTING)
    a_report(reported, ago=dt.timedelta(days=3))
    told = phone.get(f"/api/v1/organizations/{site.organization_id}/staleness/").json()
    assert told["name"] == site.organization.name
    assert told["services"] == 2
    rows = {row["id"]: row for row in told["results"]}
    assert rows[str(reported.pk)]["days_missed"] == len(rows[str(reported.pk)]["missed_on"]) == 2
    assert rows[str(reported.pk)]["compliant"] is False
    assert rows[str(reported.pk)]["state"] == "unknown"
    assert rows[str(silent.pk)]["days_missed"] is None
    assert rows[str(silent.pk)]["confirmed_at"]


@pytest.mark.parametrize("many", [1, 4])
def test_one_organization_takes_three_queries(
    phone: Phone, django_assert_num_queries: Any, many: int
) -> None:
    owner = an_organization()
    for _ in range(many):
        a_service(a_site(organization=owner))
    with django_assert_num_queries(3):
        phone.get(f"/api/v1/organizations/{owner.pk}/staleness/")


def test_one_without_a_listed_service_looks_like_one_that_never_was(phone: Phone) -> None:
    gone = a_service(retired_at=timezone.now()).site.organization_id
    answers = [phone.get(f"/api/v1/organizations/{id_}/staleness/") for id_ in (gone, uuid.uuid4())]
    assert {answer.status_code for answer in answers} == {404}
    assert answers[0].content == answers[1].content


def test_hidden_places_stay_hidden(phone: Phone) -> None:
    hidden: dict[str, Any] = {
        "visibility": Visibility.APPROXIMATE,
        "address": "9 Canary Lane",
    }
    owner = a_service(a_site(**hidden)).site.organization_id
    for path in (f"/api/v1/organizations/{owner}/staleness/", ORGANIZATIONS):
        content = phone.get(path).content
        assert b"Canary" not in content
        assert b"39.95" not in content
