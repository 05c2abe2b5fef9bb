"""POST /api/v1/verify/, and claims under /api/v1/services/{id}/claim/"""

import logging
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from services.models import User
from services.vocabulary import Kind, Role
from tests.api.conftest import Phone, phone_of
from tests.builders import PHILADELPHIA, a_place, a_report, a_service, a_service_at, an_account

pytestmark = pytest.mark.django_db
LAT, LON = PHILADELPHIA
HERE = {"lat": LAT, "lon": LON}
Refresh = Callable[[], int]


@pytest.fixture
def worker() -> User:
    return an_account(Role.OUTREACH)


def ask(phone: Phone, body: object = None) -> Any:
    return phone.post("/api/v1/verify/", body or HERE, content_type="application/json")


def claim_url(id_: uuid.UUID) -> str:
    return f"/api/v1/services/{id_}/claim/"


def test_a_worker_gets_what_to_check_with_every_part_of_its_place(
    worker: User, refresh: Refresh
) -> None:
    near, far = a_service(), a_service_at(LAT + 0.1, LON)
    a_report(a_service(near.site, Kind.NALOXONE))
    beyond = a_service_at(LAT + 1, LON)
    refresh()
    response = ask(phone_of(worker))
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert "ETag" not in response
    told = response.json()
    assert [one["id"] for one in told["features"][:2]] == [str(near.pk), str(far.pk)]
    assert str(beyond.pk) not in response.content.decode()
    assert told["search"]["max_km"] == 30
    assert told["search"]["within"] == 3
    first = told["features"][0]["properties"]
    parts = {"rank": 1, "score": 1.0, "staleness": 1.0, "weight": 1.0, "closeness": 1.0}
    assert parts.items() <= first.items()
    assert first["site"]["phones"][0]["number"] == "+12155550100"
    assert "lat" not in told["search"]


def test_a_place_and_kinds_in_ones_own_words(worker: User, refresh: Refresh) -> None:
    a_place("19125", LAT, LON)
    a_service(kind=Kind.BUPRENORPHINE)
    a_service(kind=Kind.TESTING)
    refresh()
    body = {"place": "19125", "kinds": ["suboxone"], "max_km": 5, "mode": "walk", "limit": 3}
    told = ask(phone_of(worker), body).json()
    assert [one["properties"]["kind"] for one in told["features"]] == ["buprenorphine"]
    assert told["search"]["kinds"] == ["buprenorphine"]
    assert told["search"]["mode"] == "walk"


def test_without_a_token_it_is_refused_whatever_was_sent(phone: Phone) -> None:
    for body in (HERE, {"lat": 91}):
        response = ask(phone, body)
        assert response.status_code == 401
        assert response["WWW-Authenticate"] == "Bearer"
    service = a_service()
    assert phone.post(claim_url(service.pk)).status_code == 401
    assert phone.delete(claim_url(service.pk)).status_code == 401


@pytest.mark.parametrize("role", [None, Role.CLINIC_STAFF, Role.CLINIC_ADMIN])
def test_an_account_without_the_right_is_forbidden_for_any_id(role: Role | None) -> None:
    phone = phone_of(an_account(role))
    assert ask(phone).json()["type"] == "/problems/forbidden"
    answers = [phone.post(claim_url(id_)) for id_ in (a_service().pk, uuid.uuid4())]
    assert {answer.status_code for answer in answers} == {403}
    assert answers[0].content == answers[1].content
    assert phone.delete(claim_url(uuid.uuid4())).status_code == 403


def test_moderators_may(refresh: Refresh) -> None:
    a_service()
    refresh()
    assert len(ask(phone_of(an_account(Role.MODERATOR))).json()["features"]) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"lat": 91, "lon": 0}, "lat"),
        ({"lat": 1}, "lon"),
        ({"lat": 1, "lon": 1, "place": "19125"}, "place"),
        (HERE | {"limit": 101}, "limit"),
        (HERE | {"max_km": 0}, "max_km"),
        (HERE | {"kinds": ["ice cream"]}, "kinds"),
        (HERE | {"offset": 3}, "offset"),
        (HERE | {"strict": True}, "strict"),
    ],
)
def test_what_is_not_usable_is_named(worker: User, body: object, field: str) -> None:
    response = ask(phone_of(worker), body)
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_a_position_in_the_url_is_refused(worker: User) -> None:
    response = phone_of(worker).post("/api/v1/verify/?lat=1", HERE, content_type="application/json")
    assert response.json()["type"] == "/problems/position-in-url"


def test_where_the_worker_is_reaches_neither_database_nor_log(
    worker: User, refresh: Refresh, caplog: pytest.LogCaptureFixture
) -> None:
    a_service()
    refresh()
    phone = phone_of(worker)
    ask(phone)  # reads the places
    with (
        caplog.at_level(logging.DEBUG),
        CaptureQueriesContext(
            connection,
        ) as asked,
    ):
        ask(phone, {"lat": 39.123456, "lon": -75.654321})
        ask(phone, {"lat": 39.123456, "lon": -75.654321, "max_km": "x"})
    said = " ".join(query["sql"] for query in asked) + caplog.text
    assert "39.12" not in said
    assert "75.65" not in said


def test_it_asks_the_database_for_the_token_and_the_claims_alone(
    worker: User, refresh: Refresh, django_assert_num_queries: Any
) -> None:
    for _ in range(5):
        a_service()
    refresh()
    phone = phone_of(worker)
    ask(phone)
    with django_assert_num_queries(3):  # the token twice
        ask(phone)


def test_a_claim_is_told_to_its_holder_and_not_who_holds_it_to_others(worker: User) -> None:
    service = a_service()
    mine = phone_of(worker).post(claim_url(service.pk))
    assert mine.status_code == 200
    assert mine.json()["site"] == str(service.site_id)
    refused = phone_of(an_account(Role.OUTREACH)).post(claim_url(service.pk))
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/claimed"
    assert 1190 <= int(refused["Retry-After"]) <= 1200
    assert worker.username not in refused.content.decode()
    again = phone_of(worker).post(claim_url(service.pk))
    assert again.json()["until"] > mine.json()["until"]


def test_a_claimed_site_is_left_out_for_others(worker: User, refresh: Refresh) -> None:
    service = a_service()
    refresh()
    claimed = phone_of(worker).post(claim_url(service.pk)).json()
    [row] = ask(phone_of(worker)).json()["features"]
    assert row["properties"]["claimed_until"] == claimed["until"]
    assert ask(phone_of(an_account(Role.OUTREACH))).json()["features"] == []


def test_a_claim_is_given_up_as_often_as_one_likes(worker: User) -> None:
    service = a_service()
    phone = phone_of(worker)
    phone.post(claim_url(service.pk))
    stranger = phone_of(an_account(Role.OUTREACH))
    assert stranger.delete(claim_url(service.pk)).status_code == 204
    assert stranger.post(claim_url(service.pk)).status_code == 409
    assert [phone.delete(claim_url(service.pk)).status_code for _ in range(2)] == [204, 204]
    assert stranger.post(claim_url(service.pk)).status_code == 200


def test_what_is_retired_looks_like_what_never_was(worker: User) -> None:
    retired = a_service(retired_at=timezone.now())
    phone = phone_of(worker)
    for method in (phone.post, phone.delete):
        answers = [method(claim_url(id_)) for id_ in (retired.pk, uuid.uuid4())]
        assert {answer.status_code for answer in answers} == {404}
        assert answers[0].content == answers[1].content
        assert answers[0].headers == answers[1].headers


def test_a_claim_takes_no_fields(worker: User) -> None:
    response = phone_of(worker).post(
        claim_url(a_service().pk), {"minutes": 60}, content_type="application/json"
    )
    assert response.json()["errors"][0]["code"] == "unknown_field"
