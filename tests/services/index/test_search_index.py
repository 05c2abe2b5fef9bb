"""The index: exact, deterministic, monotone; filters that keep what is unknown."""

import dataclasses
import datetime as dt
import random
import uuid
from typing import Any

import orjson
import pytest
from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.utils import timezone

from services.index import Query, SearchIndex, live_index
from services.index.outlooks import Outlooks
from services.listing import listed_services
from services.models import Service
from services.vocabulary import Availability, Delivery, Kind, Visibility
from tests.builders import a_report, a_service, a_service_at, a_site

pytestmark = pytest.mark.django_db

MONDAY_NOON = dt.datetime(2026, 11, 23, 17, tzinfo=dt.UTC)  # noon in Philadelphia
NIGHT = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)  # 3 o'clock there
OFFICE = "Mo-Fr 09:00-17:00"


def ask(**asked: object) -> Query:
    fields = {"lat": 39.9526, "lon": -75.1652, "at": MONDAY_NOON, "kinds": tuple(Kind)} | asked
    return Query(**fields)  # type: ignore[arg-type]


def found(**asked: object) -> list[uuid.UUID]:
    live_index.catch_up()
    return [hit.id for hit in live_index.index.find(ask(**asked))]


GO_TOGETHER = ((Kind.DETOX, Kind.NALOXONE),)


def features_of(query: Query) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = orjson.loads(
        b"[" + live_index.index.page(query, 1, query.limit).features.tobytes() + b"]"
    )
    return features


def companions_of(detox: Service) -> list[dict[str, Any]]:
    query = ask(kinds=(Kind.DETOX,), companions=GO_TOGETHER)
    features = features_of(query)
    told = {feature["id"]: feature["properties"]["companions"] for feature in features}
    found: list[dict[str, Any]] = told[str(detox.pk)]
    return found


def scattered(count: int, dice: random.Random) -> None:
    """Services around Philadelphia with all sorts of hours, facts and reports."""
    for _ in range(count):
        service = a_service_at(
            39.95 + dice.gauss(0, 0.3),
            -75.17 + dice.gauss(0, 0.3),
            dice.choice(list(Kind)),
            hours=dice.choice(["", "", OFFICE, "24/7", "Mo-Sa 05:00-11:00; PH off"]),
            access=dice.choice([{}, {"walk_in": True}, {"walk_in": False, "id_required": True}]),
        )
        if dice.random() < 0.4:
            state = dice.choice([s for s in Availability if s != Availability.UNKNOWN])
            a_report(service, state, ago=dt.timedelta(hours=dice.uniform(0, 60)))


def any_query(dice: random.Random) -> Query:
    return ask(
        lat=39.95 + dice.gauss(0, 0.5),
        lon=-75.17 + dice.gauss(0, 0.5),
        at=timezone.now() + dt.timedelta(hours=dice.uniform(-10, 60)),
        kinds=tuple(dice.sample(list(Kind), dice.randint(1, len(Kind)))),
        mode=dice.choice(["walk", "transit", "drive"]),
        access=dice.choice([{}, {"walk_in": True}, {"low_barrier": True}, {"low_barrier": False}]),
        strict=dice.random() < 0.3,
        open_now=dice.random() < 0.3,
        available_only=dice.random() < 0.3,
        max_km=dice.choice([None, 20]),
        limit=dice.choice([1, 20, 100]),
    )


@pytest.mark.parametrize("seed", range(3))
def test_exact_and_equal_to_the_reference_in_sql(seed: int) -> None:
    dice = random.Random(seed)
    live_index.load()
    scattered(120, dice)
    live_index.catch_up()
    for step in range(30):
        if step == 15:
            live_index.index.pack(timezone.now())
        query = any_query(dice)
        hits = live_index.index.find(query)
        reference = Service.objects.ranked_reference(query)
        assert [hit.id for hit in hits] == [row.id for row in reference]
        assert [hit.expected_minutes for hit in hits] == pytest.approx(
            [row.expected_minutes for row in reference], abs=1e-6, rel=1e-9
        )


@pytest.mark.parametrize("seed", range(3))
def test_exact_in_the_minutes_that_the_index_has_looked_ahead(seed: int) -> None:
    """By day and by night, around openings and closings, before and after changes."""
    dice = random.Random(seed)
    scattered(80, dice)
    live_index.load()
    for step in range(12):
        hour, minute = dice.choice([0, 3, 8, 9, 11, 16, 17, 23]), dice.choice([0, 44, 58, 59])
        now = timezone.now().replace(hour=hour, minute=minute) + dt.timedelta(days=step % 4)
        live_index.index.move_to(now)
        scattered(2, dice)
        live_index.index.put(listed_services())
        for _ in range(3):
            at = now + dice.random() * Outlooks.SPAN
            query = dataclasses.replace(any_query(dice), at=at)
            hits = live_index.index.find(query)
            reference = Service.objects.ranked_reference(query)
            assert [hit.id for hit in hits] == [row.id for row in reference]


def test_the_best_may_be_far_beyond_the_nearest() -> None:
    """A cut at the nearest twenty would lose it."""
    for step in range(25):
        a_report(a_service_at(39.953 + step / 10_000, -75.165), Availability.FULL)
    free = a_service_at(40.05, -75.165)
    a_report(free, Availability.AVAILABLE, remaining=5)
    assert found()[0] == free.pk


def test_the_same_question_has_the_same_order_and_ties_go_by_id() -> None:
    twins = [a_service_at(39.96, -75.16) for _ in range(6)]
    expected = sorted(service.pk for service in twins)
    assert found() == found() == expected
    live_index.index.pack(timezone.now())
    assert found() == expected


def test_nearer_is_better() -> None:
    far, near = a_service_at(39.99, -75.16), a_service_at(39.96, -75.16)
    assert found() == [near.pk, far.pk]


def test_sooner_open_is_better() -> None:
    later, sooner = a_service(hours="Mo-Su 10:00-17:00"), a_service(hours="Mo-Su 05:00-17:00")
    assert found(at=NIGHT) == [sooner.pk, later.pk]


def test_likelier_is_better() -> None:
    full, free = a_service(), a_service()
    a_report(full, Availability.FULL)
    a_report(free, Availability.AVAILABLE)
    assert found(at=timezone.now()) == [free.pk, full.pk]


def test_an_open_service_two_km_off_comes_before_a_full_one_nearby() -> None:
    full, free = a_service_at(39.953, -75.165), a_service_at(39.97, -75.165)
    a_report(full, Availability.FULL)
    a_report(free, Availability.AVAILABLE)
    assert found(at=timezone.now()) == [free.pk, full.pk]


def test_the_parts_recompute_to_the_order() -> None:
    scattered(30, random.Random(5))
    live_index.catch_up()
    hits = live_index.index.find(ask())
    for hit in hits:
        cost = hit.travel_minutes + 0.5 * hit.wait_minutes + 10
        assert hit.expected_minutes == pytest.approx(cost / max(0.02, hit.p_open * hit.p_served))
    assert list(hits) == sorted(hits, key=lambda hit: hit.expected_minutes)


def test_an_expired_closure_no_longer_counts() -> None:
    service = a_service(hours="24/7")
    a_report(service, Availability.CLOSED_TEMPORARILY)
    live_index.catch_up()
    now = timezone.now()
    closed, later = (
        live_index.index.find(ask(at=moment))[0] for moment in (now, now + dt.timedelta(days=4))
    )
    assert (closed.p_open, later.p_open) == (0.0, 1.0)


def test_intake_hours_count_where_there_are_any() -> None:
    service = a_service(hours="24/7")
    service.hours.create(type="intake", rule="Mo-Fr 13:00-14:00")
    live_index.catch_up()
    hit = live_index.index.find(ask())[0]
    assert hit.wait_minutes == pytest.approx(60, abs=0.1)
    assert hit.door.state == "open"


def test_closing_within_a_quarter_of_an_hour_is_closed() -> None:
    a_service(hours="Mo-Fr 09:00-12:14")
    live_index.catch_up()
    hit = live_index.index.find(ask())[0]
    assert hit.wait_minutes == pytest.approx(21 * 60)


def test_a_filter_keeps_and_marks_the_unknown_and_hides_the_no() -> None:
    yes, unknown, no = (
        a_service_at(39.96 + step / 100, -75.16, access=access)
        for step, access in enumerate(({"walk_in": True}, {}, {"walk_in": False}))
    )
    assert set(found(access={"walk_in": True})) == {yes.pk, unknown.pk}
    assert found(access={"walk_in": True}, strict=True) == [yes.pk]
    assert set(found(access={"walk_in": False})) == {no.pk, unknown.pk}
    unmet = {hit.id: hit.unmet for hit in live_index.index.find(ask(access={"walk_in": True}))}
    assert unmet == {yes.pk: [], unknown.pk: ["walk_in"]}


def test_low_barrier_is_derived_from_four_facts() -> None:
    facts = {
        "walk_in": True,
        "same_day_start": True,
        "id_required": False,
        "abstinence_required": False,
    }
    low = a_service(access=facts)
    a_service(access=facts | {"id_required": True})
    unknown = a_service(access={"walk_in": True})
    assert set(found(access={"low_barrier": True})) == {low.pk, unknown.pk}
    assert found(access={"low_barrier": True}, strict=True) == [low.pk]


def test_open_now_keeps_and_marks_unknown_hours() -> None:
    open_, unknown = a_service(hours=OFFICE), a_service_at(39.96, -75.16)
    a_service(hours="Mo-Fr 06:00-08:00")
    assert set(found(open_now=True)) == {open_.pk, unknown.pk}
    assert found(open_now=True, strict=True) == [open_.pk]
    assert live_index.index.find(ask(open_now=True))[1].unmet == ["open_now"]


def test_available_only_keeps_and_marks_the_unknown() -> None:
    free, limited, unknown, full = (a_service() for _ in range(4))
    a_report(free, Availability.AVAILABLE)
    a_report(limited, Availability.LIMITED)
    a_report(full, Availability.FULL)
    now = timezone.now()
    assert set(found(available_only=True, at=now)) == {free.pk, limited.pk, unknown.pk}
    assert set(found(available_only=True, at=now, strict=True)) == {free.pk, limited.pk}


def test_a_search_reaches_across_the_date_line() -> None:
    there = a_service_at(51.8, 179.9, Kind.NALOXONE)
    assert found(lat=51.8, lon=-179.9, max_km=50) == [there.pk]


def test_remote_services_need_no_travel_and_serve_their_region() -> None:
    site = a_site(delivery=Delivery.REMOTE, region="PA")
    remote = a_service(site, Kind.BUPRENORPHINE)
    assert found() == []
    assert found(areas=frozenset({("US", "NJ"), ("US", "")})) == []
    assert found(areas=frozenset({("US", "PA")})) == [remote.pk]
    hit = live_index.index.find(ask(areas=frozenset({("US", "PA")})))[0]
    assert (hit.travel_minutes, hit.distance_m) == (0, None)


def test_phone_only_services_are_found_by_area_without_a_distance() -> None:
    hidden = a_service(a_site(visibility=Visibility.PHONE_ONLY))
    assert found(areas=frozenset({("US", "PA")}), max_km=5) == [hidden.pk]
    hit = live_index.index.find(ask(areas=frozenset({("US", "PA")}), max_km=5))[0]
    assert (hit.distance_m, hit.travel_minutes, hit.unmet) == (None, 60, ["max_km"])


def test_distance_to_an_approximate_site_is_to_its_displaced_point() -> None:
    a_service(a_site(visibility=Visibility.APPROXIMATE))
    live_index.catch_up()
    hit = live_index.index.find(ask())[0]
    assert hit.distance_m is not None
    assert hit.distance_m > 1_100


def test_the_companion_is_the_nearest_to_the_site() -> None:
    a_service_at(39.9526, -75.1652, Kind.NALOXONE)  # beside the searcher
    detox = a_service_at(40.05, -75.1652, Kind.DETOX)
    beside = a_service_at(40.06, -75.1652, Kind.NALOXONE)
    assert found(kinds=(Kind.DETOX,)) == [detox.pk]
    (companion,) = companions_of(detox)
    assert companion["id"] == str(beside.pk)
    assert companion["properties"]["distance_m"] == pytest.approx(1_110, rel=0.01)


def test_the_companion_is_the_nearest_whatever_changed_and_wherever_it_stands() -> None:
    dice = random.Random(4)
    detoxes = [a_service_at(39.95 + dice.gauss(0, 1), -75.2, Kind.DETOX) for _ in range(5)]
    live_index.load()
    for step in range(60):
        a_service_at(39.95 + dice.gauss(0, 1), -75.17 + dice.gauss(0, 1), Kind.NALOXONE)
        if step % 20 == 10:
            live_index.catch_up()
            live_index.index.pack(timezone.now())
    live_index.catch_up()
    for detox in detoxes:
        here = detox.site.location
        assert here is not None
        nearest = Service.objects.filter(kind=Kind.NALOXONE).annotate(
            metres=Distance("site__location", here)
        )
        assert companions_of(detox)[0]["id"] == str(nearest.earliest("metres", "pk").pk)


def test_a_remote_service_goes_with_what_is_nearest_to_the_searcher() -> None:
    a_service(a_site(delivery=Delivery.REMOTE, region="PA"), Kind.DETOX)
    far, near = (a_service_at(lat, -75.1652, Kind.NALOXONE) for lat in (40.2, 39.96))
    live_index.catch_up()
    areas = frozenset({("US", "PA")})
    query = ask(kinds=(Kind.DETOX,), areas=areas, companions=GO_TOGETHER)
    (feature,) = features_of(query)
    assert [each["id"] for each in feature["properties"]["companions"]] == [str(near.pk)]
    assert far.pk != near.pk


def test_where_there_is_no_companion_the_list_is_empty() -> None:
    detox = a_service_at(40.05, -75.1652, Kind.DETOX)
    live_index.catch_up()
    assert companions_of(detox) == []


def test_many_changes_one_by_one_equal_a_fresh_load() -> None:
    dice = random.Random(9)
    scattered(40, dice)
    live_index.catch_up()
    for service in Service.objects.order_by("pk")[:20]:
        choice = dice.random()
        if choice < 0.3:
            service.retired_at = timezone.now()
        elif choice < 0.6:
            service.access = {"walk_in": True}
        else:
            service.site.location = Point(-75.05, 39.9 + choice / 10, srid=4326)
            service.site.save()
        service.save()
    live_index.catch_up()
    fresh = SearchIndex(timezone.now())
    fresh.put(listed_services())
    fresh.pack(timezone.now())
    assert len(live_index.index) == len(fresh)
    for _ in range(20):
        query = any_query(dice)
        followed = [(hit.id, hit.expected_minutes) for hit in live_index.index.find(query)]
        assert followed == [(hit.id, hit.expected_minutes) for hit in fresh.find(query)]


def test_open_now_hides_what_is_reported_closed() -> None:
    a_report(a_service(hours="24/7"), Availability.CLOSED_TEMPORARILY)
    assert found(open_now=True, at=timezone.now()) == []


def test_hours_of_the_asked_type_that_are_not_sure_are_unknown() -> None:
    service = a_service()
    service.hours.create(type="open", verbatim="call for times")
    service.hours.create(type="dosing", rule="Mo-Fr 05:30-10:00")
    live_index.catch_up()
    hit = live_index.index.find(ask(open_now=True))[0]
    assert (hit.door.state, hit.p_open, hit.unmet) == ("unknown", 0.85, ["open_now"])
