"""Refusals, wherever they arise: one shape, and nothing of what was sent."""

from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

from api.headers import PAGE_HEADERS
from api.refusals import ALL
from tests.api.conftest import Phone


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v2/nearby/",
        "/api/v1/nearby",
        "/api/v1/nearby/39.9526,-75.1652/",
        "/api/v1/%00/",
        "/api/v1/%FF%FE/",
        "/api/v1/services/../../admin/",
        "/api/v1//services/",
        "/api/" + "x" * 3000,
    ],
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_unknown_path_is_a_problem_too(path: str, method: str) -> None:
    response = getattr(Client(), method)(path)
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "/problems/not-found",
        "title": "Nothing is here",
        "status": 404,
        "detail": "No such path or id; /api/docs/ lists the paths, which end with a slash.",
    }


POSITIONS = ["lat", "lon", "lng", "latitude", "longitude", "LAT", "Lon", "position", "location"]
POSITIONS += ["coords", "coordinates", "point", "near", "ll", "latlng", "geohash", "bbox", "pos"]
POSITIONS += ["user_lat", "filter[lat]", "lat__gte", "geo.lon", "l%61t", "center"]


@pytest.mark.parametrize("name", POSITIONS)
def test_no_url_takes_a_position(name: str) -> None:
    for path in ("services/", "kinds/", "cells/dr4e/", "schema/", "nothing/", "map/0/0/0.geojson"):
        response = Client().get(f"/api/v1/{path}?{name}=39.9526")
        assert response.status_code == 400
        assert response.json()["type"] == "/problems/position-in-url"
        assert "POST /api/v1/nearby/" in response.json()["detail"]
        assert b"39.95" not in response.content


def test_words_that_only_look_alike_are_no_position(phone: Phone) -> None:
    for name in ("plat", "language", "along", "late", "region"):
        response = phone.get(f"/api/v1/kinds/?{name}=x")
        assert response.json()["type"] == "/problems/invalid", name


def test_too_many_parameters_are_refused() -> None:
    query = "&".join(f"a{n}=1" for n in range(2000))
    assert Client().get(f"/api/v1/kinds/?{query}").status_code == 400


def test_a_host_that_is_not_ours_is_refused_without_repeating_it() -> None:
    for host in ("canary.example", "a b", "[::1"):
        response = Client().get("/api/v1/kinds/", headers={"host": host})
        assert response.status_code == 400
        assert response.json()["type"] == "/problems/wrong-host"
        assert b"canary" not in response.content


def test_before_the_api_is_reached_a_wrong_host_is_a_problem_too(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = Client().get("/api/v1/kinds/", headers={"host": "canary.example"})
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_away_is_told_with_a_time_to_come_back(
    phone: Phone, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def away(*_: object) -> Any:
        raise error("connection to 10.0.0.1 failed")

    monkeypatch.setattr("api.v1.edits.Editable.told", away)
    monkeypatch.setattr("api.v1.pages.ListView.page", away)
    for path in ("/api/v1/services/", "/api/v1/services/00000000-0000-0000-0000-000000000000/"):
        response = phone.get(path)
        assert response.status_code == 503
        assert response.json()["type"] == "/problems/unavailable"
        assert response["Retry-After"] == "5"
        assert b"10.0.0.1" not in response.content


@pytest.mark.parametrize("path", ["/api/v1/services/", "/api/v1/kinds/"])
def test_a_crash_is_a_problem_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, path: str, settings: Any
) -> None:
    def broken(*_: object) -> Any:
        raise ZeroDivisionError("canary")

    settings.DEBUG = True  # even then: Django's page would show the body
    monkeypatch.setattr("api.v1.pages.ListView.page", broken)
    monkeypatch.setattr("api.v1.kinds.vocabulary_in", broken)
    response = Client().get(path)
    assert response.status_code == 500
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["type"] == "/problems/internal"
    for word in (b"canary", b"ZeroDivision", b"Traceback", b".py"):
        assert word not in response.content


def test_every_problem_type_can_be_looked_up(client: Client) -> None:
    assert len({refusal.name for refusal in ALL}) == len(ALL)
    for refusal in ALL:
        response = client.get(refusal.type)
        assert response.status_code == 200
        assert refusal.title in response.content.decode()
    assert client.get("/problems/nothing").status_code == 404


def test_a_page_of_another_site_may_ask(phone: Phone) -> None:
    asked = {"origin": "https://app.example", "access-control-request-method": "POST"}
    response = phone.options("/api/v1/nearby/", headers=asked)
    assert response.status_code == 204
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Access-Control-Allow-Methods"] == "POST, OPTIONS"
    assert "Content-Type" in response["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in response
    assert phone.options("/api/v1/kinds/")["Allow"] == "GET, HEAD, OPTIONS"
    assert Client().options("/api/v1/nothing/").status_code == 404


def test_every_answer_has_the_security_headers(phone: Phone) -> None:
    for path in ("/api/v1/kinds/", "/api/v1/nothing/", "/healthz", "/problems/invalid"):
        response = Client().get(path)
        for name, value in PAGE_HEADERS.items():
            assert response[name] == value, (path, name)


def test_head_is_answered_like_get(phone: Phone) -> None:
    response = phone.head("/api/v1/kinds/")
    assert response.status_code == 200
    assert response["ETag"] == phone.get("/api/v1/kinds/")["ETag"]
    assert response.content == b""


@pytest.mark.parametrize("path", ["services", "sites", "organizations", "staleness/organizations"])
def test_a_list_in_a_form_that_is_not_spoken_is_refused_as_documented(
    phone: Phone, path: str
) -> None:
    response = phone.get(f"/api/v1/{path}/", headers={"accept": "text/html"})
    assert response.status_code == 406
    assert response.json()["type"] == "/problems/not-acceptable"


def test_every_refusal_that_is_not_told_field_by_field_says_what_to_do() -> None:
    told_by_the_case = {"place-not-found", "place-ambiguous"}
    for refusal in ALL:
        assert refusal.name in told_by_the_case or refusal.detail, refusal.name
