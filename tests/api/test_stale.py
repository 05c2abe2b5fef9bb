"""While the database is away answers say so; after half an hour nobody is told what is free."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from services.gazetteer import gazetteer
from services.index import live_index
from services.index.live import STALE_AFTER
from services.vocabulary import Availability, Kind
from tests.builders import a_closing, a_place, a_report, a_service

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def followed() -> dt.datetime:
    """An index that a thread of this process followed until now; and when that was."""
    a_report(a_service(kind=Kind.DETOX), Availability.AVAILABLE, remaining=3)
    live_index.load()
    live_index.is_followed = True
    assert live_index.caught_up_at is not None
    return live_index.caught_up_at


def search(at: dt.datetime, monkeypatch: pytest.MonkeyPatch, **asked: Any) -> dict[str, Any]:
    """As it is told at a moment."""
    monkeypatch.setattr("api.v1.nearby.timezone.now", lambda: at)
    body = {"lat": 39.95, "lon": -75.16} | asked
    answer = Client().post("/api/v1/nearby/", body, content_type=JSON)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def word(told: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = told["features"][0]["properties"]["availability"]
    return found


def test_a_fresh_answer_is_not_stale(
    followed: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = search(followed + STALE_AFTER / 2, monkeypatch)
    assert (told["search"]["stale"], told["search"]["as_of"]) == (False, None)
    assert word(told)["state"] == "available"


def test_one_that_may_be_behind_says_since_when(
    followed: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = search(followed + dt.timedelta(minutes=29), monkeypatch)
    assert told["search"]["stale"] is True
    assert dt.datetime.fromisoformat(told["search"]["as_of"]) == followed
    assert told["search"]["notice"] is None
    assert (word(told)["state"], word(told)["remaining"]) == ("available", 3)


def test_after_half_an_hour_it_says_to_call_first(
    followed: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = search(followed + dt.timedelta(minutes=31), monkeypatch, language="es")
    assert (word(told)["state"], word(told)["remaining"]) == ("unknown", None)
    assert word(told)["as_of"] is not None
    assert "llame" in told["search"]["notice"]
    cell = Client().get("/api/v1/cells/dr4/").json()
    assert cell["search"]["stale"] is True
    assert word(cell)["state"] == "unknown"


def test_a_closing_is_not_told_either_and_wishes_count_it_as_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = a_service(kind=Kind.DETOX)
    a_closing(service, days=9)
    live_index.load()
    live_index.is_followed = True
    assert live_index.caught_up_at is not None
    at = live_index.caught_up_at + dt.timedelta(minutes=31)
    told = search(at, monkeypatch, available_only=True)
    assert word(told)["state"] == "unknown"
    assert told["features"][0]["properties"]["unmet"] == ["available_only"]


def test_what_is_restored_is_stale_until_the_database_was_seen(
    followed: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    live_index._is_checked = False  # as after a start from a snapshot of a moment ago
    assert search(followed, monkeypatch)["search"]["stale"] is True
    live_index.catch_up()
    assert search(timezone.now(), monkeypatch)["search"]["stale"] is False


def test_readiness_tells_it(followed: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.health.timezone.now", lambda: followed + dt.timedelta(minutes=1))
    told = Client().get("/readyz").json()
    assert told["stale"] is True
    assert dt.datetime.fromisoformat(told["as_of"]) == followed


def test_places_that_nobody_has_read_yet_are_no_reason_to_ask_the_database(
    followed: dt.datetime,
) -> None:
    a_place("19125", 39.97, -75.12)
    gazetteer.is_followed = True
    answer = Client().post("/api/v1/nearby/", {"place": "19125"}, content_type=JSON)
    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/starting"
    assert "docs/operating.md" in answer.json()["detail"]
    assert answer["Retry-After"] == "2"
