"""Positions in URLs, and whatever a URL asks for without TLS: refused, and never repeated."""

from typing import Any

import pytest
from django.test import Client

from api.v1.nearby import Nearby
from locator.settings import MIDDLEWARE
from tests.api.conftest import Phone

LAT, LON = "39.952583", "-75.165222"
POSITION = f"lat={LAT}&lon={LON}"
PATHS = ["/", "/admin/", "/admin", "/admin/login/", "/api/docs/", "/join/x", "/nothing", "/healthz"]


@pytest.fixture
def over_tls_only(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True


def says_nothing_of_it(response: Any) -> None:
    told = repr(response.headers) + response.content.decode()
    assert LAT not in told
    assert LON not in told
    assert "Set-Cookie" not in response
    assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", PATHS)
def test_a_position_in_a_url_is_refused_wherever_it_leads(path: str) -> None:
    response = Client().get(f"{path}?{POSITION}")
    assert response.status_code == 400
    assert response.json()["type"] == "/problems/position-in-url"
    says_nothing_of_it(response)


@pytest.mark.parametrize("path", [*PATHS, "/api/v1/nearby/"])
def test_without_tls_it_is_refused_and_not_redirected(path: str, over_tls_only: None) -> None:
    response = Client().get(f"{path}?{POSITION}")
    assert response.status_code == 400
    assert "Location" not in response
    says_nothing_of_it(response)


def test_without_tls_no_query_is_repeated(over_tls_only: None) -> None:
    response = Client().get(f"/api/v1/changes/?cursor={LAT}")
    assert response.status_code == 400
    assert "HTTPS" in response.json()["detail"]
    says_nothing_of_it(response)


def test_without_a_query_people_are_sent_on(over_tls_only: None) -> None:
    response = Client().get("/api/docs/")
    assert response.headers["Location"] == "https://testserver/api/docs/"


def test_over_tls_a_query_is_read(over_tls_only: None) -> None:
    assert Client().get("/api/v1/schema/?format=yaml", secure=True).status_code == 200


def test_the_refusal_stands_before_what_redirects() -> None:
    assert MIDDLEWARE[:3] == [
        "api.headers.Guarded",
        "api.in_the_clear.NoQueryInTheClear",
        "django.middleware.security.SecurityMiddleware",
    ]


@pytest.mark.django_db
def test_filters_of_the_admin_are_no_positions(admin_client: Client) -> None:
    response = admin_client.get("/admin/login/?location__isnull=1&next=/admin/")
    assert response.status_code in (200, 302)


def test_a_search_by_get_is_refused_without_an_echo(phone: Phone) -> None:
    assert not hasattr(Nearby, "get")
    response = phone.get(f"/api/v1/nearby/?{POSITION}")
    assert response.status_code == 400
    says_nothing_of_it(response)
