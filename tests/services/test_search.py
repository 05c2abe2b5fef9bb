"""Searching as people do: never an empty answer, and the reason said."""

import datetime as dt
from typing import Any

import orjson
import pytest
from django.db import OperationalError
from django.utils import timezone

from services.gazetteer import PlaceNotFoundError
from services.index import IndexNotReadyError, live_index
from services.search import Search, find_in_cell, find_nearby
from services.vocabulary import Availability, Delivery, Kind
from tests.builders import PHILADELPHIA, a_place, a_report, a_service, a_service_at, a_site

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 23, 17, tzinfo=dt.UTC)


def search(**asked: Any) -> Any:
    fields = asked if "place" in asked else {"lat": PHILADELPHIA[0], "lon": PHILADELPHIA[1]} | asked
    live_index.catch_up()
    return orjson.loads(find_nearby(Search(**fields), now=NOON).body)


def ids(answer: Any) -> list[str]:
    return [feature["id"] for feature in answer["features"]]


def test_the_form_of_an_answer() -> None:
    service = a_service(hours="Mo-Fr 09:00-17:00", access={"walk_in": True})
    answer = search(kinds=(Kind.METHADONE,))
    assert answer["search"] == {
        "at": "2026-11-23T17:00:00+00:00",
        "mode": "transit",
        "kinds": ["methadone"],
        "notice": None,
        "relaxed": [],
        "stale": False,
        "as_of": None,
        "matched_within_km": 0.0,
    }
    (feature,) = answer["features"]
    told = feature["properties"]
    assert (feature["id"], told["rank"], told["distance_m"]) == (str(service.pk), 1, 0)
    assert told["hours"] == {
        "state": "open",
        "opens_at": None,
        "closes_at": "2026-11-23T17:00:00-05:00",
        "windows": {"open": "Mo-Fr 09:00-17:00"},
    }
    assert told["expected_minutes"] == 20.0
    assert "companions" not in told


def test_nothing_of_the_searcher_is_in_the_answers_head_or_in_any_repr() -> None:
    a_service_at(40.1, -75.3)
    answer = search(lat=39.123456, lon=-75.654321)
    assert "39.12" not in str(answer["search"])
    asked = Search(lat=39.123456, lon=-75.654321, place="19125")
    live_index.catch_up()
    for thing in (asked, Search(lat=39.123456, lon=-75.654321).as_query(NOON)):
        assert "39.12" not in repr(thing)


def test_pages_continue_the_order() -> None:
    for step in range(5):
        a_service_at(39.96 + step / 100, -75.16)
    whole, second = search(), search(limit=2, offset=2)
    assert ids(second) == ids(whole)[2:4]
    assert [f["properties"]["rank"] for f in second["features"]] == [3, 4]


def test_a_detox_that_was_always_full_comes_after_one_that_never_was() -> None:
    lat, lon = PHILADELPHIA
    full, free = (a_service_at(lat, lon, Kind.DETOX) for _ in range(2))
    for days in range(20, 4, -1):  # since then nobody told anything
        a_report(full, Availability.FULL, ago=dt.timedelta(days=days))
        a_report(free, Availability.AVAILABLE, ago=dt.timedelta(days=days))
    live_index.catch_up()
    asked = Search(lat=lat, lon=lon, kinds=(Kind.DETOX,))
    answer = orjson.loads(find_nearby(asked, now=timezone.now()).body)
    assert ids(answer) == [str(free.pk), str(full.pk)]
    chances = [feature["properties"]["p_served"] for feature in answer["features"]]
    assert chances[0] > 0.7
    assert chances[1] < 0.1


def test_with_nothing_near_the_nearest_anywhere_comes_with_the_reason() -> None:
    far = a_service_at(45.5, -73.6)
    answer = search(max_km=10)
    assert ids(answer) == [str(far.pk)]
    assert answer["search"]["relaxed"] == ["max_km"]
    assert "nearest services anywhere" in answer["search"]["notice"]


def test_remote_services_come_with_nothing_near() -> None:
    a_place("Philadelphia", *PHILADELPHIA)
    remote = a_service(a_site(delivery=Delivery.REMOTE, region=""), Kind.BUPRENORPHINE)
    assert ids(search(max_km=10)) == [str(remote.pk)]


def test_wishes_are_given_up_one_by_one() -> None:
    full = a_service(access={"walk_in": False})
    a_report(full, Availability.FULL)
    live_index.catch_up()
    answer = orjson.loads(
        find_nearby(
            Search(
                *PHILADELPHIA,
                available_only=True,
                access={"walk_in": True},
                open_now=True,
                max_km=50,
            ),
            now=timezone.now(),
        ).body
    )
    assert ids(answer) == [str(full.pk)]
    assert answer["search"]["relaxed"] == ["max_km", "available_only", "open_now", "access"]
    assert "call first" in answer["search"]["notice"]


def test_a_kind_that_is_not_listed_gives_other_help_and_says_so() -> None:
    service = a_service(kind=Kind.NALOXONE)
    answer = search(kinds=(Kind.DRUG_CHECKING,))
    assert ids(answer) == [str(service.pk)]
    assert answer["search"]["relaxed"] == ["kinds"]
    assert answer["search"]["kinds"] == ["drug_checking"]


def test_an_empty_list_says_that_it_is_empty() -> None:
    assert search()["search"]["notice"] == "No service is listed yet."


def test_detox_carries_the_nearest_naloxone() -> None:
    a_service(kind=Kind.DETOX)
    naloxone = a_service_at(39.97, -75.16, Kind.NALOXONE)
    told = search(kinds=(Kind.DETOX,))["features"][0]["properties"]
    assert [companion["id"] for companion in told["companions"]] == [str(naloxone.pk)]
    assert told["companions"][0]["properties"]["distance_m"] == pytest.approx(1_983, abs=20)


def test_a_place_stands_for_its_middle() -> None:
    a_place("19125", 39.97, -75.12)
    service = a_service_at(39.97, -75.12)
    answer = search(place="19125")
    assert (ids(answer), answer["search"]["matched_within_km"]) == ([str(service.pk)], 0.0)
    with pytest.raises(PlaceNotFoundError):
        search(place="00000")


def test_before_the_first_load_it_says_try_again() -> None:
    with pytest.raises(IndexNotReadyError):
        find_nearby(Search(*PHILADELPHIA), now=NOON)


def test_a_cell_holds_its_own_services_and_no_others() -> None:
    inside = a_service_at(39.9526, -75.1652)
    a_service_at(39.9526, -74.0)
    a_service(a_site(visibility="phone_only"))
    live_index.catch_up()
    found, tag = find_in_cell("dr4e", kinds=(), limit=20, offset=0, now=NOON)
    assert ids(orjson.loads(found.body)) == [str(inside.pk)]
    again = find_in_cell("dr4e", kinds=(), limit=20, offset=0, now=NOON + dt.timedelta(minutes=4))
    assert again[1] == tag
    a_service_at(39.9527, -75.1652)
    live_index.catch_up()
    assert find_in_cell("dr4e", kinds=(), limit=20, offset=0, now=NOON)[1] != tag


def test_an_empty_cell_says_so() -> None:
    a_service()
    live_index.catch_up()
    found, _ = find_in_cell("9q8", kinds=(), limit=20, offset=0, now=NOON)
    answer = orjson.loads(found.body)
    assert (answer["features"], answer["search"]["matched_within_km"]) == ([], None)
    assert answer["search"]["notice"] == "No service is listed in this cell."


def test_a_cell_says_that_it_holds_more() -> None:
    for _ in range(3):
        a_service()
    live_index.catch_up()
    told = []
    for offset in (0, 2):
        found, _ = find_in_cell("dr4e", kinds=(), limit=2, offset=offset, now=NOON)
        answer = orjson.loads(found.body)
        told.append((len(answer["features"]), answer["search"]["more"]))
    assert told == [(2, True), (1, False)]


def test_what_is_far_away_is_said_to_be_far() -> None:
    a_service_at(45.5, -73.6)
    assert "nearest services anywhere" in search()["search"]["notice"]
    a_service_at(39.96, -75.16)
    assert search()["search"]["notice"] is None


def test_what_is_found_by_area_elsewhere_comes_when_nothing_else_does() -> None:
    a_place("Philadelphia", *PHILADELPHIA)
    far = a_service(a_site(visibility="phone_only", region="AK"))
    a_service(kind=Kind.NALOXONE)
    answer = search(kinds=(Kind.METHADONE,))
    assert ids(answer) == [str(far.pk)]
    assert answer["search"]["relaxed"] == ["areas"]
    assert "nearest services anywhere" in answer["search"]["notice"]


def test_a_search_needs_no_database_to_tell_which_areas_are_near(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As after a start from a snapshot while the database is away."""
    remote = a_service(a_site(delivery=Delivery.REMOTE, region="PA"), Kind.BUPRENORPHINE)
    live_index.load()

    def away(*_: object) -> None:
        raise OperationalError

    monkeypatch.setattr("services.search.gazetteer.areas_near", away)
    found = find_nearby(Search(lat=40.0, lon=-75.0), now=timezone.now())
    assert str(remote.pk).encode() in found.body
