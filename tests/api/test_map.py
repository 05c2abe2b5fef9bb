"""GET /api/v1/map/{z}/{x}/{y}.geojson"""

import math
from typing import Any

import pytest
from django.utils import timezone

from services import map_layer
from services.map_layer import Tile
from services.vocabulary import Delivery, Kind, Visibility
from tests.api.conftest import Phone
from tests.builders import PHILADELPHIA, a_service, a_site

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_layer, "_kept", {})


def tile_of(lat: float, lon: float, z: int) -> str:
    x = int((lon + 180) / 360 * 2**z)
    turned = math.asinh(math.tan(math.radians(lat)))
    y = int((1 - turned / math.pi) / 2 * 2**z)
    return f"/api/v1/map/{z}/{x}/{y}.geojson"


@pytest.mark.parametrize("z", range(13))
def test_a_public_site_is_on_its_tile_at_every_zoom(phone: Phone, z: int) -> None:
    site = a_site()
    a_service(site, Kind.NALOXONE)
    a_service(site, Kind.DETOX)
    a_service(site, Kind.METHADONE, retired_at=timezone.now())
    response = phone.get(tile_of(*PHILADELPHIA, z))
    assert response["Content-Type"] == "application/geo+json"
    [feature] = response.json()["features"]
    assert feature["id"] == str(site.pk)
    assert feature["geometry"]["coordinates"] == pytest.approx([PHILADELPHIA[1], PHILADELPHIA[0]])
    assert feature["properties"] == {
        "name": site.name,
        "city": "Philadelphia",
        "region": "PA",
        "kinds": ["detox", "naloxone"],
    }


def test_a_tile_holds_what_lies_in_it_and_no_more(phone: Phone) -> None:
    west, south, east, north = Tile(8, 74, 96).box
    inside = [
        a_site(lat, lon)
        for lat in (south + 1e-6, north - 1e-6)
        for lon in (west + 1e-6, east - 1e-6)
    ]
    for lat, lon in (
        (south - 1e-6, west + 0.1),
        (north + 1e-6, west + 0.1),
        (south + 0.1, west - 1e-6),
    ):
        a_site(lat, lon)
    features = phone.get("/api/v1/map/8/74/96.geojson").json()["features"]
    assert {feature["id"] for feature in features} == {str(site.pk) for site in inside}


def test_only_sites_whose_place_is_public_are_on_the_map(phone: Phone) -> None:
    a_site(visibility=Visibility.APPROXIMATE)
    a_site(visibility=Visibility.PHONE_ONLY)
    a_site(delivery=Delivery.REMOTE)
    a_site(retired_at=timezone.now())
    for z in (0, 6, 12):
        assert phone.get(tile_of(*PHILADELPHIA, z)).json()["features"] == []


def test_a_full_tile_is_answered_as_clusters(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_layer, "MOST_SITES", 3)
    for n in range(4):
        a_service(a_site(PHILADELPHIA[0] + n / 1000), Kind.NALOXONE)
    a_service(a_site(51.5, -0.1), Kind.DETOX)
    response = phone.get("/api/v1/map/0/0/0.geojson").json()
    assert response["layer"] == "clusters"
    clusters = sorted(
        (f["properties"]["sites"], f["properties"]["kinds"]) for f in response["features"]
    )
    assert clusters == [(1, ["detox"]), (4, ["naloxone"])]
    assert "id" not in response["features"][0]


def test_a_costly_tile_is_made_once_in_five_minutes(
    phone: Phone, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(map_layer, "MOST_SITES", 0)
    a_site()
    with django_assert_num_queries(2):
        first = phone.get("/api/v1/map/1/0/0.geojson")
    with django_assert_num_queries(0):
        assert phone.get("/api/v1/map/1/0/0.geojson").content == first.content
    monkeypatch.setattr(map_layer, "KEEP_SECONDS", 0.0)
    with django_assert_num_queries(2):
        phone.get("/api/v1/map/1/0/0.geojson")


@pytest.mark.parametrize("many", [1, 8])
def test_a_tile_takes_two_queries(phone: Phone, django_assert_num_queries: Any, many: int) -> None:
    for _ in range(many):
        a_service()
    with django_assert_num_queries(2):
        phone.get(tile_of(*PHILADELPHIA, 9))


@pytest.mark.parametrize(
    "tile",
    ["13/0/0", "0/1/0", "0/0/1", "3/8/0", "12/4096/0", "-1/0/0", "a/b/c", "1/1e3/1", "9999/0/0"],
)
def test_there_is_no_other_tile(phone: Phone, tile: str) -> None:
    assert phone.get(f"/api/v1/map/{tile}.geojson").status_code == 404


def test_a_tile_is_kept_and_names_no_third_party(phone: Phone) -> None:
    a_service()
    response = phone.get(tile_of(*PHILADELPHIA, 9))
    assert response["Cache-Control"] == "public, max-age=300"
    assert b"http" not in response.content
    headers = {"if-none-match": response["ETag"]}
    assert phone.get(tile_of(*PHILADELPHIA, 9), headers=headers).status_code == 304


def test_the_deepest_tile_is_wide_enough_to_tell_no_street() -> None:
    west, south, east, _north = Tile(12, 1192, 1551).box
    assert (east - west) * 111.32 * math.cos(math.radians(south)) > 7
