"""GET /api/v1/changes/"""

import datetime as dt
import gzip
import uuid
from typing import Any

import orjson
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from services.acting import as_the_system
from services.changes import cursor as cursors
from services.changes import waiting
from services.changes.paging import page_after
from services.leaving import leaving
from services.models import Pack, Service, Site
from services.packs.round import build_due
from services.vocabulary import Visibility
from tests.api.conftest import Phone
from tests.builders import a_report, a_service, a_site, an_organization
from tests.services.changes.reading import a_cursor, settled

pytestmark = pytest.mark.django_db(transaction=True)


class Offline:
    """A phone that holds a pack and asks on from there."""

    def __init__(self) -> None:
        settled()
        build_due(now=timezone.now())
        self.phone = Phone()
        packs = self.phone.get("/api/v1/packs/").json()["packs"]
        self.entry = next(entry for entry in packs if ["US", "PA"] in entry["areas"])
        self.cursor: str = self.entry["cursor"]

    def ask(self, **asked: Any) -> Any:
        settled()
        query = {"cursor": self.cursor, "region": self.entry["region"]} | asked
        return self.phone.get("/api/v1/changes/", query)

    def page(self, **asked: Any) -> Any:
        response = self.ask(**asked)
        assert response.status_code == 200
        told = response.json()
        self.cursor = told["cursor"]
        return told


@pytest.fixture
def offline() -> Offline:
    a_service()
    return Offline()


def ids(page: Any) -> list[str]:
    column = page["services"]["id"]
    one = [column["all"]] if "all" in column else []
    return [str(uuid.UUID(id_)) for id_ in (column if isinstance(column, list) else one)]


def test_a_page_tells_what_changed_and_where_to_go_on(offline: Offline) -> None:
    assert ids(offline.page()) == []
    new = a_service()
    response = offline.ask()
    assert response["Cache-Control"] == "no-store"
    assert "ETag" not in response
    page = offline.page()
    assert ids(page) == [str(new.pk)]
    assert (page["gone"], page["more"]) == ([], False)
    Service.objects.filter(pk=new.pk).update(retired_at=timezone.now())
    assert offline.page()["gone"] == [new.pk.hex]
    assert offline.page()["gone"] == []


def test_pages_have_so_many_rows_at_most(offline: Offline) -> None:
    services = {str(a_service().pk) for _ in range(3)}
    page = offline.page(limit=2)
    found = set(ids(page))
    while page["more"]:
        page = offline.page(limit=2)
        found |= set(ids(page))
    assert found == services


def test_a_large_page_comes_gzipped(offline: Offline) -> None:
    a_service()
    settled()
    asked = {"cursor": offline.cursor, "region": offline.entry["region"]}
    response = Client().get("/api/v1/changes/", asked, headers={"accept-encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert len(ids(orjson.loads(gzip.decompress(response.content)))) == 1


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"cursor": "x"}, "cursor"),
        ({"cursor": ""}, "cursor"),
        ({"cursor": "A" * 79}, "cursor"),
        ({"region": ""}, "region"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"wait": "26"}, "wait"),
        ({"since": "yesterday"}, "since"),
    ],
)
def test_what_is_not_usable_is_named(offline: Offline, asked: Any, field: str) -> None:
    response = offline.ask(**asked)
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_a_cursor_of_another_region_is_not_usable(offline: Offline) -> None:
    assert offline.ask(region="US-PA").status_code == 400


def gone_for_good(response: Any, region: str) -> None:
    assert response.status_code == 410
    assert response.json()["type"] == "/problems/cursor-expired"
    assert response.json()["pack"] == f"/api/v1/packs/{region}/"


def test_a_cursor_that_is_too_old_leads_to_the_pack(offline: Offline) -> None:
    with time_machine.travel(timezone.now() + dt.timedelta(days=89)):
        assert offline.ask().status_code == 200
    with time_machine.travel(timezone.now() + dt.timedelta(days=91)):
        gone_for_good(offline.ask(), offline.entry["region"])


def test_so_does_one_of_another_history_of_the_database(
    offline: Offline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cursors, "lineage", lambda: "1/2/3 0 timeline-00000002")
    gone_for_good(offline.ask(), offline.entry["region"])


def test_so_does_one_of_a_region_that_is_none_any_more(offline: Offline) -> None:
    Pack.objects.all().delete()
    gone_for_good(offline.ask(), offline.entry["region"])


def test_so_does_one_of_a_region_that_can_be_none(phone: Phone) -> None:
    asked = {"cursor": a_cursor("US\0").as_text(), "region": "US\0"}
    assert phone.get("/api/v1/changes/", asked).status_code == 410


def test_who_waits_hears_of_what_comes(offline: Offline, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def meanwhile() -> None:
        if not made:
            with as_the_system():  # this is somebody else's work, in the middle of a request
                made.append(str(a_service().pk))
        settled()

    monkeypatch.setattr(waiting, "_rest", meanwhile)
    assert ids(offline.page(wait=25)) == made


def test_who_waits_in_vain_is_told_so(offline: Offline, monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[int] = []
    monkeypatch.setattr(waiting, "_rest", lambda: rests.append(1))
    assert ids(offline.page(wait=3)) == []
    assert len(rests) == 3


def test_one_waits_and_others_are_answered_at_once(
    offline: Offline, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = []

    def meanwhile() -> None:
        answered.append(Offline.ask(offline, wait=25).status_code)

    monkeypatch.setattr(waiting, "_rest", meanwhile)
    offline.page(wait=1)
    assert answered == [200]


def test_whoever_waits_holds_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    monkeypatch.setattr(connection, "close", lambda: closed.append("closed"))
    monkeypatch.setattr(leaving, "wait", lambda seconds: closed.append(f"slept {seconds}"))
    waiting._rest()
    assert closed == ["closed", "slept 1"]


def test_nobody_is_kept_waiting_by_a_process_that_ends(
    offline: Offline, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    def look(*asked: Any, **more: Any) -> Any:
        looks.append(1)
        return page_after(*asked, **more)

    monkeypatch.setattr(waiting, "page_after", look)
    leaving.set()
    try:
        assert ids(offline.page(wait=25)) == []
    finally:
        leaving.clear()
    assert len(looks) == 1  # and not again each second


HIDDEN = ("17 Secret Lane", "Suite Canary", "40.123456", "-75.654321", "19876")


def test_what_is_hidden_is_in_no_pack_and_no_page() -> None:
    place: dict[str, Any] = {"address": HIDDEN[0], "address_extra": HIDDEN[1]}
    place |= {"postal_code": HIDDEN[4], "organization": an_organization()}
    sites = [
        a_site(40.123456, -75.654321, visibility=visibility, **place)
        for visibility in (Visibility.APPROXIMATE, Visibility.PHONE_ONLY)
    ]
    services = [a_service(site) for site in sites]
    offline = Offline()
    packs = [gzip.decompress(pack.body).decode() for pack in Pack.objects.all()]
    for service in services:
        a_report(service)
    Site.objects.filter(pk__in=[site.pk for site in sites]).update(name="Another name")
    response = offline.ask()
    assert set(ids(response.json())) == {str(service.pk) for service in services}
    for text in [*packs, response.content.decode()]:
        assert all(service.pk.hex in text for service in services)
        assert not [canary for canary in HIDDEN if canary in text]


def test_a_page_asks_the_database_as_often_whatever_its_size(
    offline: Offline, django_assert_num_queries: Any
) -> None:
    for _ in range(30):
        a_service()
    settled()
    asked = {"cursor": offline.cursor, "region": offline.entry["region"]}
    with django_assert_num_queries(11):
        assert len(ids(offline.phone.get("/api/v1/changes/", asked).json())) == 30
