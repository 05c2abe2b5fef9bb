"""GET /api/v1/services/ and /api/v1/services/{id}/"""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from services.vocabulary import Availability, Kind, Visibility
from tests.api.conftest import Phone
from tests.builders import PHILADELPHIA, a_report, a_service, a_site, an_organization

pytestmark = pytest.mark.django_db


def test_a_service_is_told_as_a_search_tells_it(phone: Phone) -> None:
    service = a_service(hours="24/7", access={"walk_in": True})
    a_report(service, Availability.AVAILABLE, remaining=2)
    response = phone.get(f"/api/v1/services/{service.pk}/")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/geo+json"
    feature = response.json()
    assert feature["id"] == str(service.pk)
    assert feature["geometry"]["coordinates"] == pytest.approx([PHILADELPHIA[1], PHILADELPHIA[0]])
    assert feature["properties"]["hours"]["state"] == "open"
    assert feature["properties"]["availability"]["remaining"] == 2
    assert feature["properties"]["availability"]["reported_by"] == "clinic_staff"


def test_an_expired_report_is_unknown_and_counts_nothing(phone: Phone) -> None:
    service = a_service()
    a_report(service, Availability.AVAILABLE, remaining=2, ago=dt.timedelta(days=5))
    availability = phone.get(f"/api/v1/services/{service.pk}/").json()["properties"]["availability"]
    assert availability["state"] == "unknown"
    assert availability["remaining"] is None
    assert availability["as_of"] is not None


def test_a_service_unchanged_is_not_sent_again(phone: Phone) -> None:
    service = a_service()
    path = f"/api/v1/services/{service.pk}/"
    first = phone.get(path)
    assert first["Cache-Control"] == "public, no-cache"
    headers = {"if-none-match": first["ETag"]}
    assert phone.get(path, headers=headers).status_code == 304
    a_report(service)
    assert phone.get(path, headers=headers).status_code == 200


@pytest.mark.parametrize("many", [1, 12])
def test_a_page_takes_the_same_queries_however_long(
    phone: Phone, django_assert_num_queries: Any, many: int
) -> None:
    for _ in range(many):
        a_service(hours="Mo-Fr 09:00-17:00")
    with django_assert_num_queries(7):
        assert len(phone.get("/api/v1/services/").json()["features"]) == many


def test_a_single_one_takes_nine_queries(phone: Phone, django_assert_num_queries: Any) -> None:
    service = a_service()
    with django_assert_num_queries(9):
        phone.get(f"/api/v1/services/{service.pk}/")


def test_the_retired_are_not_found(phone: Phone) -> None:
    now = timezone.now()
    retired = [a_service(retired_at=now), a_service(a_site(retired_at=now))]
    for service in retired:
        assert phone.get(f"/api/v1/services/{service.pk}/").status_code == 404
    assert phone.get("/api/v1/services/").json()["features"] == []


def test_hidden_and_retired_and_missing_look_the_same(phone: Phone) -> None:
    retired = phone.get(f"/api/v1/services/{a_service(retired_at=timezone.now()).pk}/")
    missing = phone.get(f"/api/v1/services/{uuid.uuid4()}/")
    assert (retired.content, retired.headers) == (missing.content, missing.headers)


@pytest.mark.parametrize("word", ["x", "1", "not-a-uuid", "%00", "..", "' OR 1=1"])
def test_a_malformed_id_is_not_found(phone: Phone, word: str) -> None:
    response = phone.get(f"/api/v1/services/{word}/")
    assert response.status_code == 404
    assert response.json()["type"] == "/problems/not-found"


@pytest.mark.parametrize("visibility", [Visibility.APPROXIMATE, Visibility.PHONE_ONLY])
def test_a_hidden_site_stays_hidden(phone: Phone, visibility: Visibility) -> None:
    site = a_site(
        visibility=visibility, address="9 Canary Lane", address_extra="Canary", postal_code="19199"
    )
    service = a_service(site)
    for path in (f"/api/v1/services/{service.pk}/", "/api/v1/services/"):
        response = phone.get(path)
        assert b"Canary" not in response.content
        assert b"19199" not in response.content
        assert b"39.9526" not in response.content


def test_pages_follow_each_other_without_gap_or_repeat(phone: Phone) -> None:
    everything = {str(a_service().pk) for _ in range(7)}
    seen: list[str] = []
    path: str | None = "/api/v1/services/?limit=3&region=PA"
    while path:
        assert path.startswith("/api/v1/services/?")
        page = phone.get(path).json()
        seen += [feature["id"] for feature in page["features"]]
        path = page["next"]
    assert seen == sorted(everything)
    assert phone.get(page["previous"]).json()["features"][-1]["id"] == seen[5]


def test_a_row_that_comes_meanwhile_moves_no_page(phone: Phone) -> None:
    for _ in range(4):
        a_service()
    first = phone.get("/api/v1/services/?limit=2").json()
    a_service(id=uuid.UUID(int=1))
    second = phone.get(first["next"]).json()
    assert not {f["id"] for f in first["features"]} & {f["id"] for f in second["features"]}
    assert len(second["features"]) == 2


def test_filters_narrow_the_list(phone: Phone) -> None:
    owner = an_organization()
    site = a_site(organization=owner, region="NJ", country="US")
    service = a_service(site, Kind.DETOX)
    a_service(kind=Kind.METHADONE)
    for query in (
        "kind=detox",
        "kind=detox&kind=naloxone",
        "region=nj",
        "region=NJ&country=us",
        f"organization={owner.pk}",
        f"site={site.pk}",
    ):
        features = phone.get(f"/api/v1/services/?{query}").json()["features"]
        assert [feature["id"] for feature in features] == [str(service.pk)], query


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("kind=detoxx", "kind"),
        ("kinds=detox", "kinds"),
        ("organization=1", "organization"),
        ("site=%00", "site"),
        ("region=%00", "region"),
        ("region=PENNSYLVANIA", "region"),
        ("cursor=x", "cursor"),
        ("cursor=cD14", "cursor"),
        ("cursor=bz0x", ""),
        ("cursor=%FF", "cursor"),
        ("limit=101", "limit"),
        ("limit=abc", "limit"),
        ("page=2", "page"),
    ],
)
def test_wrong_parameters_are_named(phone: Phone, query: str, field: str) -> None:
    response = phone.get(f"/api/v1/services/?{query}")
    if not field:
        assert response.status_code == 200
        return
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_geojson_may_be_asked_for_by_its_name(phone: Phone) -> None:
    for accept in ("application/geo+json", "application/json", "*/*"):
        assert phone.get("/api/v1/services/", headers={"accept": accept}).status_code == 200
    refused = phone.get("/api/v1/services/", headers={"accept": "image/png"})
    assert refused.status_code == 406
    assert refused.json()["type"] == "/problems/not-acceptable"


def test_nobody_writes_here(phone: Phone) -> None:
    one = f"/api/v1/services/{uuid.uuid4()}/"
    for method in ("post", "put", "patch", "delete"):
        for path, allowed in (
            ("/api/v1/services/", "GET, HEAD, OPTIONS"),
            (one, "GET, PATCH, HEAD, OPTIONS"),
        ):
            response = getattr(phone, method)(path)
            if path == one and method == "patch":
                assert response.status_code == 401
                continue
            assert response.status_code == 405
            assert response["Allow"] == allowed


@pytest.mark.parametrize("query", ["kind=39.95261", "country=39.95261777", "organization=39.95261"])
def test_a_filter_does_not_repeat_what_was_sent(client: Client, query: str) -> None:
    answer = client.get(f"/api/v1/services/?{query}")
    assert answer.status_code == 400
    assert b"39.9526" not in answer.content
