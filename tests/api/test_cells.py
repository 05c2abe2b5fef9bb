"""GET /api/v1/cells/{geohash}/"""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine

from services.vocabulary import Kind
from tests.api.conftest import Phone
from tests.builders import a_report, a_service, a_service_at

pytestmark = pytest.mark.django_db
Refresh = Callable[[], int]
CELL = "dr4e"  # holds Philadelphia's City Hall


def test_a_cell_holds_its_services_and_no_others(phone: Phone, refresh: Refresh) -> None:
    inside = a_service()
    a_service_at(41.0, -75.0)
    refresh()
    response = phone.get(f"/api/v1/cells/{CELL}/")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/geo+json"
    assert [feature["id"] for feature in response.json()["features"]] == [str(inside.pk)]


def test_a_cell_can_be_kept_for_a_minute_and_asked_again_cheaply(
    phone: Phone, refresh: Refresh
) -> None:
    service = a_service()
    refresh()
    with time_machine.travel("2026-11-23T15:01:00Z", tick=False):
        first = phone.get(f"/api/v1/cells/{CELL}/")
        assert first["Cache-Control"] == "public, max-age=60"
        headers = {"if-none-match": first["ETag"]}
        again = phone.get(f"/api/v1/cells/{CELL}/", headers=headers)
        assert again.status_code == 304
        assert again.content == b""
        assert again["ETag"] == first["ETag"]
        a_report(service)
        refresh()
        assert phone.get(f"/api/v1/cells/{CELL}/", headers=headers).status_code == 200


def test_a_cell_asks_the_database_nothing(
    phone: Phone, refresh: Refresh, django_assert_num_queries: Any
) -> None:
    a_service()
    refresh()
    with django_assert_num_queries(0):
        phone.get(f"/api/v1/cells/{CELL}/")


def test_kinds_limit_and_offset_narrow_it(phone: Phone, refresh: Refresh) -> None:
    a_service(kind=Kind.DETOX)
    for _ in range(3):
        a_service(kind=Kind.BUPRENORPHINE)
    refresh()
    response = phone.get(f"/api/v1/cells/{CELL}/?kinds=suboxone,methadone&limit=2&offset=2")
    features = response.json()["features"]
    assert [feature["properties"]["kind"] for feature in features] == ["buprenorphine"]
    assert features[0]["properties"]["rank"] == 3


@pytest.mark.parametrize("geohash", ["dr4e3x", "dr4e3xk2", "dr4e3xk2p0zz"])
def test_a_longer_geohash_would_be_a_position_in_a_url(phone: Phone, geohash: str) -> None:
    response = phone.get(f"/api/v1/cells/{geohash}/")
    assert response.status_code == 400
    assert response.json()["type"] == "/problems/position-in-url"
    assert geohash.encode() not in response.content


@pytest.mark.parametrize(
    "geohash", ["d", "dr", "dra", "dri", "DR4", "d-4", "dré", "dr%00", "39.95"]
)
def test_what_is_no_cell_is_refused(phone: Phone, geohash: str) -> None:
    response = phone.get(f"/api/v1/cells/{geohash}/")
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["geohash"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("kinds=methadon", "kinds"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("limit=%C2%B2", "limit"),
        ("offset=-1", "offset"),
        ("limit=99999999999999999999", "limit"),
        ("open_now=true", "open_now"),
    ],
)
def test_wrong_parameters_are_named(phone: Phone, refresh: Refresh, query: str, field: str) -> None:
    refresh()
    response = phone.get(f"/api/v1/cells/{CELL}/?{query}")
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_the_notice_of_an_empty_cell_is_in_the_asked_language(
    phone: Phone, refresh: Refresh
) -> None:
    refresh()
    response = phone.get(f"/api/v1/cells/{CELL}/", headers={"accept-language": "es"})
    assert response.json()["search"]["notice"].startswith("No hay")
    assert response["Vary"] == "Accept-Language"


def test_before_the_index_is_loaded_it_asks_to_come_back(phone: Phone) -> None:
    assert phone.get(f"/api/v1/cells/{CELL}/").status_code == 503
