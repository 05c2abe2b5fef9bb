"""POST /api/v1/nearby/"""

import datetime as dt
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from services.vocabulary import Availability, Kind, Visibility
from tests.api.conftest import Phone
from tests.builders import (
    PHILADELPHIA,
    a_place,
    a_record_of,
    a_report,
    a_service,
    a_service_at,
    a_site,
)

pytestmark = pytest.mark.django_db
LAT, LON = PHILADELPHIA
HERE = {"lat": LAT, "lon": LON}
Refresh = Callable[[], int]


def ids(response: Any) -> list[str]:
    return [feature["id"] for feature in response.json()["features"]]


def errors(response: Any) -> list[tuple[str, str]]:
    assert response.status_code == 400
    assert response.json()["type"] == "/problems/invalid"
    return [(error["field"], error["code"]) for error in response.json()["errors"]]


def test_nearer_comes_first_and_every_part_of_the_rank_is_told(
    phone: Phone, refresh: Refresh
) -> None:
    far, near = a_service_at(LAT + 0.05, LON), a_service_at(LAT + 0.01, LON)
    a_record_of(near)
    refresh()
    response = phone.search(HERE | {"kinds": ["methadone"]})
    assert ids(response) == [str(near.pk), str(far.pk)]
    first = response.json()["features"][0]["properties"]
    assert first["rank"] == 1
    assert first["distance_m"] == pytest.approx(1110, abs=5)
    assert first["sources"] == ["samhsa-otp-2021"]
    assert first["site"]["address"].endswith("Market Street")
    told = response.json()["search"]
    assert told["kinds"] == ["methadone"]
    assert told["mode"] == "transit"
    assert "lat" not in told
    assert "lon" not in told


def test_an_answer_is_geojson_that_nobody_keeps(phone: Phone, refresh: Refresh) -> None:
    a_service()
    refresh()
    response = phone.search(HERE)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/geo+json"
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert not {"ETag", "Set-Cookie", "Vary", "Last-Modified"} & set(response.headers)
    assert response["Access-Control-Allow-Origin"] == "*"


def test_a_search_asks_the_database_nothing(
    phone: Phone, refresh: Refresh, django_assert_num_queries: Any
) -> None:
    a_service()
    refresh()
    phone.search(HERE)
    with django_assert_num_queries(0):
        phone.search(HERE)


def test_a_place_is_searched_by_zip_or_city(phone: Phone, refresh: Refresh) -> None:
    service = a_service()
    a_place("19103", LAT, LON)
    a_place("Philadelphia", LAT, LON, population=1_500_000)
    refresh()
    for place in ("19103", "19103-1234", "Philadelphia, PA", " philadelphia "):
        assert ids(phone.search({"place": place})) == [str(service.pk)]


def test_a_place_nobody_knows_is_said_so_without_repeating_it(
    phone: Phone, refresh: Refresh
) -> None:
    a_place("Springfield", 39.8, -89.6, region="IL", population=100_000)
    a_place("Springfield", 42.1, -72.5, region="MA", population=150_000)
    refresh()
    unknown = phone.search({"place": "Qwertyville"})
    assert unknown.status_code == 422
    assert unknown.json()["type"] == "/problems/place-not-found"
    assert unknown.json()["errors"][0]["field"] == "place"
    assert b"werty" not in unknown.content
    several = phone.search({"place": "Springfield"})
    assert several.status_code == 422
    assert several.json()["type"] == "/problems/place-ambiguous"
    assert several.json()["choices"] == ["Springfield, MA", "Springfield, IL"]


def test_people_search_in_their_own_words(phone: Phone, refresh: Refresh) -> None:
    service = a_service(kind=Kind.BUPRENORPHINE)
    a_service(kind=Kind.PEER_SUPPORT)
    refresh()
    for word in ("suboxone", "Subs", "BUPE", "buprenorphine"):
        response = phone.search(HERE | {"kinds": [word]})
        assert ids(response) == [str(service.pk)]
        assert response.json()["search"]["kinds"] == ["buprenorphine"]


def test_every_field_of_the_contract_is_understood(phone: Phone, refresh: Refresh) -> None:
    service = a_service(hours="24/7", access={"walk_in": True, "medicaid": True})
    a_report(service, Availability.AVAILABLE, remaining=3)
    refresh()
    response = phone.search(
        HERE
        | {
            "kinds": ["methadone", "buprenorphine"],
            "mode": "walk",
            "at": timezone.now().astimezone(dt.timezone(dt.timedelta(hours=-5))).isoformat(),
            "open_now": True,
            "available_only": True,
            "max_km": 5,
            "access": {"walk_in": True, "medicaid": True, "id_required": False},
            "strict": False,
            "language": "es",
            "limit": 20,
            "offset": 0,
        }
    )
    assert ids(response) == [str(service.pk)]
    found = response.json()["features"][0]["properties"]
    assert found["unmet"] == ["id_required"]
    assert found["availability"]["remaining"] == 3
    assert found["hours"]["state"] == "open"


def test_null_means_not_sent(phone: Phone, refresh: Refresh) -> None:
    a_service()
    refresh()
    nothing = {"place": None, "at": None, "max_km": None, "language": None}
    assert phone.search(HERE | nothing).status_code == 200


def test_limit_and_offset_cut_the_ranked_list(phone: Phone, refresh: Refresh) -> None:
    services = [a_service_at(LAT + n / 100, LON) for n in range(5)]
    refresh()
    response = phone.search(HERE | {"limit": 2, "offset": 2})
    assert ids(response) == [str(services[2].pk), str(services[3].pk)]
    assert [f["properties"]["rank"] for f in response.json()["features"]] == [3, 4]


@pytest.mark.parametrize(
    ("sent", "accept", "begins"),
    [
        ({"language": "es"}, "fr", "Nada a esta"),
        ({}, "fr-CA, en;q=0.5", "Rien à cette"),
        ({}, "de, es;q=0.4", "Nada a esta"),
        ({}, "", "Nothing within"),
        ({"language": "ht"}, "fr", "Nothing within"),
        ({"language": "es-MX"}, "", "Nada a esta"),
    ],
)
def test_the_notice_is_in_the_asked_language(
    phone: Phone, refresh: Refresh, sent: dict[str, str], accept: str, begins: str
) -> None:
    a_service_at(LAT + 1, LON)
    refresh()
    headers = {"accept-language": accept}
    response = phone.search(HERE | {"max_km": 1} | sent, headers=headers)
    assert response.json()["search"]["notice"].startswith(begins)
    assert response.json()["search"]["relaxed"] == ["max_km"]


def test_a_hidden_site_shows_neither_address_nor_point(phone: Phone, refresh: Refresh) -> None:
    approximate = a_service(a_site(visibility=Visibility.APPROXIMATE, address="9 Canary Lane"))
    by_phone = a_service(a_site(visibility=Visibility.PHONE_ONLY, address="8 Canary Lane"))
    a_place("Philadelphia", LAT, LON)
    refresh()
    response = phone.search(HERE)
    assert b"Canary" not in response.content
    found = {feature["id"]: feature for feature in response.json()["features"]}
    lon, lat = found[str(approximate.pk)]["geometry"]["coordinates"]
    assert abs(lat - LAT) + abs(lon - LON) > 0.005
    assert found[str(by_phone.pk)]["geometry"] is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"lat": 91}, [("lat", "max_value")]),
        ({"lat": -90.001}, [("lat", "min_value")]),
        ({"lon": 180.5}, [("lon", "max_value")]),
        ({"lat": "39.95"}, [("lat", "not_a_number")]),
        ({"lat": True}, [("lat", "not_a_number")]),
        ({"lat": [39.95]}, [("lat", "not_a_number")]),
        ({"lat": None}, [("lat", "required")]),
        ({"lon": None}, [("lon", "required")]),
        ({"place": "19103"}, [("place", "conflict")]),
        ({"place": 19103}, [("place", "not_a_text")]),
        ({"place": "  "}, [("place", "blank")]),
        ({"place": "x" * 101}, [("place", "max_length")]),
        ({"place": "a\x00b"}, [("place", "invalid_characters")]),
        ({"kinds": "methadone"}, [("kinds", "not_a_list")]),
        ({"kinds": ["methadon"]}, [("kinds", "unknown_kind")]),
        ({"kinds": [1]}, [("kinds", "unknown_kind")]),
        ({"kinds": None}, [("kinds", "not_a_list")]),
        ({"kinds": ["detox"] * 51}, [("kinds", "max_length")]),
        ({"mode": "bike"}, [("mode", "invalid_choice")]),
        ({"mode": []}, [("mode", "invalid_choice")]),
        ({"at": "2026-11-23T14:00:00"}, [("at", "invalid_time")]),
        ({"at": "2026-11-23"}, [("at", "invalid_time")]),
        ({"at": "2026-02-30T14:00:00Z"}, [("at", "invalid_time")]),
        ({"at": "0001-01-01T00:00:00+14:00"}, [("at", "too_far")]),
        ({"at": "9999-12-31T23:59:59-12:00"}, [("at", "too_far")]),
        ({"at": 1700000000}, [("at", "invalid_time")]),
        ({"open_now": "true"}, [("open_now", "not_a_boolean")]),
        ({"available_only": 1}, [("available_only", "not_a_boolean")]),
        ({"strict": None}, [("strict", "not_a_boolean")]),
        ({"max_km": 0}, [("max_km", "min_value")]),
        ({"max_km": -1}, [("max_km", "min_value")]),
        ({"max_km": 1e308}, [("max_km", "max_value")]),
        ({"access": ["walk_in"]}, [("access", "not_an_object")]),
        ({"access": {"walkin": True}}, [("access.walkin", "unknown_fact")]),
        ({"access": {"walk_in": "yes"}}, [("access.walk_in", "not_a_boolean")]),
        ({"access": {"39.95": True}}, [("access", "unknown_fact")]),
        ({"language": "español"}, [("language", "invalid_language")]),
        ({"language": 1}, [("language", "invalid_language")]),
        ({"limit": 0}, [("limit", "min_value")]),
        ({"limit": 101}, [("limit", "max_value")]),
        ({"limit": 20.0}, [("limit", "not_a_number")]),
        ({"offset": 401}, [("offset", "max_value")]),
        ({"offset": -1}, [("offset", "min_value")]),
        ({"max_kn": 5}, [("max_kn", "unknown_field")]),
        ({"39.95,-75.16": 1}, [("", "unknown_field")]),
        ({"limit": 0, "mode": "x"}, [("limit", "min_value"), ("mode", "invalid_choice")]),
    ],
)
def test_what_is_not_usable_is_named(
    phone: Phone, refresh: Refresh, change: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    refresh()
    response = phone.search(HERE | change)
    assert errors(response) == expected
    assert b"39.95" not in response.content


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b" ", "malformed"),
        (b"{", "malformed"),
        (b"null", "malformed"),
        (b"[]", "malformed"),
        (b'"lat"', "malformed"),
        (b"lat=1&lon=2", "malformed"),
        (b'{"lat":NaN,"lon":1}', "malformed"),
        (b'{"lat":Infinity,"lon":1}', "malformed"),
        (b'{"lat":-Infinity,"lon":1}', "malformed"),
        (b'{"lat":1e999,"lon":1}', "invalid"),
        (b'{"lat":1e308,"lon":1}', "invalid"),
        (b'{"lat":' + b"9" * 5000 + b',"lon":1}', "malformed"),
        (b'{"lat":1,"lat":2,"lon":1}', "invalid"),
        (b'{"lat":1,"lon":1,"access":{"pets":true,"pets":false}}', "invalid"),
        (b'{"place":"\\ud800"}', "invalid"),
        (b'{"\\ud800":1}', "invalid"),
        (b'{"lat":1,"lon":1,"kinds":["\\udfff"]}', "invalid"),
        (b'{"lat":1,"lon":1,"access":{"\\ud800":true}}', "invalid"),
        (b'{"place":"\\u0000"}', "invalid"),
        (b'{"place":"\xff\xfe"}', "malformed"),
        (b"\xef\xbb\xbf{}", "malformed"),
        (b"\x00", "malformed"),
        (b"[" * 10_000, "malformed"),
        (b'{"a":' * 3_000 + b"1" + b"}" * 3_000, "too-large"),
        (b'{"a":' * 1_500 + b"1" + b"}" * 1_500, "malformed"),
        (b'{"place":"' + b"x" * 20_000 + b'"}', "too-large"),
        (b"{}", "invalid"),
    ],
)
def test_no_body_breaks_it(phone: Phone, refresh: Refresh, body: bytes, kind: str) -> None:
    refresh()
    response = phone.search(body)
    assert response.json()["type"] == f"/problems/{kind}"
    assert response.status_code == (413 if kind == "too-large" else 400)
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("type_", ["text/plain", "application/x-www-form-urlencoded", "", "a/b;c"])
def test_another_media_type_is_refused(phone: Phone, type_: str) -> None:
    response = phone.post("/api/v1/nearby/", json.dumps(HERE), content_type=type_)
    assert response.status_code == 415
    assert response.json()["type"] == "/problems/unsupported-media-type"


def test_a_charset_beside_the_media_type_is_fine(phone: Phone, refresh: Refresh) -> None:
    refresh()
    type_ = "application/json; charset=utf-8"
    assert phone.post("/api/v1/nearby/", json.dumps(HERE), content_type=type_).status_code == 200


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete"])
def test_only_post_searches(phone: Phone, method: str) -> None:
    response = getattr(phone, method)("/api/v1/nearby/")
    assert response.status_code == 405
    assert response["Allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("query", ["lat=39.9526&lon=-75.1652", "q=x", "kinds=detox"])
def test_a_query_string_is_refused_and_not_repeated(phone: Phone, query: str) -> None:
    response = phone.post(
        f"/api/v1/nearby/?{query}", json.dumps(HERE), content_type="application/json"
    )
    assert response.status_code == 400
    assert response.json()["type"] == "/problems/position-in-url"
    assert b"39.95" not in response.content


def test_before_the_index_is_loaded_it_asks_to_come_back(phone: Phone) -> None:
    response = phone.search(HERE)
    assert response.status_code == 503
    assert response.json()["type"] == "/problems/starting"
    assert response["Retry-After"] == "2"


def test_a_crash_tells_and_logs_nothing_of_the_search(
    phone: Phone, monkeypatch: pytest.MonkeyPatch, capfd: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(search: Any, *, now: dt.datetime, language: str) -> Any:
        raise RuntimeError(f"at {search.lat} {search.lon} {search.place}")

    monkeypatch.setattr("api.v1.nearby.find_nearby", broken)
    client = phone.__class__.__mro__[1]()  # not held to the contract: this answer is a 500
    with caplog.at_level(logging.DEBUG):
        response = client.post(
            "/api/v1/nearby/",
            {"lat": 12.3456789, "lon": 98.7654321},
            content_type="application/json",
            headers={"user-agent": "canary-agent", "referer": "http://canary.example/"},
            REMOTE_ADDR="203.0.113.77",
        )
    assert response.status_code == 500
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    written = response.content.decode() + caplog.text + "".join(capfd.readouterr())
    assert "RuntimeError" in written
    for canary in ("12.345", "98.765", "canary", "203.0.113.77"):
        assert canary not in written


def test_django_itself_logs_no_refusal(phone: Phone, capfd: Any) -> None:
    phone.get("/api/v1/services/?lat=12.3456789")
    phone.get("/api/v1/12.3456789/")
    phone.search(b'{"lat":12.3456789')
    assert "".join(capfd.readouterr()) == ""


def test_the_session_and_other_account_machinery_is_not_asked() -> None:
    order = settings.MIDDLEWARE
    before = order[: order.index("api.middleware.SearchFirst")]
    assert not [name for name in before if name.startswith("django.contrib")]
    assert len(before) <= 4


def test_a_length_that_is_no_number_is_a_problem(client: Client) -> None:
    answer = client.post(
        "/api/v1/nearby/", "{}", content_type="application/json", CONTENT_LENGTH="abc"
    )
    assert answer.status_code == 400
