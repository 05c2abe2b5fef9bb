"""Verify near me: stale, harmful if wrong, close; exact, and explained."""

import datetime as dt
import math
import random
import uuid
from typing import Any

import orjson
import pytest
from django.utils import timezone

from services.claims import claim_site
from services.geodesy import geodesic_m
from services.index import Query, live_index
from services.listing import ListedService, listed_services
from services.models import User
from services.ranking import SPEED_KMH, travel_minutes
from services.search import Search
from services.verifying import (
    MayNotVerifyError,
    closeness,
    find_to_check,
    in_order,
    staleness,
    worth_checking,
)
from services.vocabulary import KIND_FACTS, Availability, Delivery, Kind, Role, Visibility
from tests.builders import PHILADELPHIA, a_place, a_report, a_service, a_site, an_account

pytestmark = pytest.mark.django_db
LAT, LON = PHILADELPHIA
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def worker() -> User:
    return an_account(Role.OUTREACH)


def checked(worker: User, **asked: Any) -> list[dict[str, Any]]:
    live_index.catch_up()
    search = Search(**({"lat": LAT, "lon": LON, "max_km": 30.0} | asked))
    body = find_to_check(search, account=worker, now=timezone.now()).body
    return [one["properties"] | {"id": one["id"]} for one in orjson.loads(body)["features"]]


def test_a_word_is_fresh_at_once_and_half_stale_after_a_half_life() -> None:
    assert staleness(0, 360) == 0
    assert staleness(360, 360) == 0.5
    assert staleness(math.inf, 360) == 1
    assert staleness(-5, 360) == 0  # a device's clock runs ahead


def test_half_an_hour_away_is_half_as_close() -> None:
    assert closeness(0) == 1
    assert closeness(30) == 0.5


def test_every_kind_has_a_weight_and_withdrawal_has_the_greatest() -> None:
    weights = {kind: facts.check_weight for kind, facts in KIND_FACTS.items()}
    assert all(0 < weight <= 1 for weight in weights.values())
    greatest = {kind for kind, weight in weights.items() if weight == max(weights.values())}
    assert greatest == {Kind.DETOX, Kind.METHADONE, Kind.BUPRENORPHINE, Kind.NALOXONE}


def in_plain_python(
    services: list[ListedService], query: Query, km: float, at: dt.datetime
) -> list[tuple[float, float, uuid.UUID]]:
    """The order by brute force: (minus the score, metres, id), sorted."""
    found = []
    for one in services:
        metres = math.inf
        travel = 0.0 if one.remote else 60.0
        if one.point:
            metres = geodesic_m.py_func(query.lat, query.lon, *one.point)
            travel = travel_minutes.py_func(metres, SPEED_KMH[query.mode])
        elif one.area not in query.areas:
            continue
        if one.kind not in query.kinds or (one.point and metres > km * 1000):
            continue
        said = [m for m in (one.word.as_of, one.properties["confirmed_at"]) if m]
        age = math.inf
        if said and not one.word.disputed:
            age = max(0.0, (at - max(said)).total_seconds() / 60)
        facts = KIND_FACTS[one.kind]
        stale = 1 - 2 ** (-age / (facts.half_life.total_seconds() / 60))
        score = round(stale * facts.check_weight / (1 + travel / 30), 9)
        found.append((-score, metres, one.id))
    return sorted(found)


def scattered(count: int, dice: random.Random) -> None:
    for _ in range(count):
        hidden: dict[str, Any] = dice.choice([{}] * 5 + [{"visibility": Visibility.APPROXIMATE}])
        if dice.random() < 0.2:
            hidden = {"visibility": Visibility.PHONE_ONLY, "region": dice.choice(["PA", "NJ"])}
        elif dice.random() < 0.1:
            hidden = {"delivery": Delivery.REMOTE, "region": "PA"}
        # A coarse grid, so that some lie at the same place: then the id decides.
        site = a_site(LAT + dice.randint(-3, 3) / 10, LON + dice.randint(-3, 3) / 10, **hidden)
        for kind in dice.sample(list(Kind), 2):
            service = a_service(site, kind)
            if dice.random() < 0.5:
                a_report(service, ago=dt.timedelta(hours=dice.choice([0, 1, 6, 24, 200])))
            if dice.random() < 0.2:
                service.confirmed_at = timezone.now() - dice.choice([1, 50]) * HOUR
                service.disputed = dice.random() < 0.3
                service.save()


@pytest.mark.parametrize("seed", range(3))
def test_the_order_is_that_of_brute_force(seed: int) -> None:
    dice = random.Random(seed)
    scattered(25, dice)
    live_index.load()
    services, at = list(listed_services()), timezone.now()
    for step in range(20):
        km = dice.choice([5.0, 30.0, 1000.0])
        query = Query(
            LAT + dice.choice([0, dice.gauss(0, 0.2)]),
            LON + dice.choice([0, dice.gauss(0, 0.2)]),
            at=at,
            kinds=tuple(dice.sample(list(Kind), dice.randint(1, len(Kind)))),
            mode=dice.choice(["walk", "transit", "drive"]),
            areas=dice.choice([frozenset(), frozenset({("US", "PA")})]),
            max_km=km,
        )
        if step == 10:
            live_index.index.pack(at)
        around = live_index.index.around(query)
        ordered = in_order(around, at=at, mode=query.mode, first=1000)
        expected = in_plain_python(services, query, km, at)
        assert [one.id for one in ordered] == [id_ for _, _, id_ in expected]
        assert [one.worth[0] for one in ordered] == pytest.approx([-s for s, _, _ in expected])
        few = in_order(around, at=at, mode=query.mode, first=3)
        assert [one.id for one in few] == [one.id for one in ordered[:3]]


def test_the_product_recomputes_from_what_is_told(worker: User) -> None:
    scattered(10, random.Random(7))
    rows = checked(worker, limit=100)
    assert len(rows) > 5
    for row in rows:
        product = row["staleness"] * row["weight"] * row["closeness"]
        assert row["score"] == pytest.approx(product, abs=1e-8)
        assert row["closeness"] == pytest.approx(1 / (1 + row["travel_minutes"] / 30), abs=1e-2)
        assert row["weight"] == KIND_FACTS[Kind(row["kind"])].check_weight
    scores = [row["score"] for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert worth_checking(0.5, 0.6, 0.7) == 0.21


def test_who_never_heard_comes_before_who_just_did(worker: User) -> None:
    said, silent = a_service(), a_service()
    a_report(said, Availability.FULL, ago=HOUR)
    rows = checked(worker)
    assert [row["id"] for row in rows] == [str(silent.pk), str(said.pk)]
    assert rows[0]["checked_at"] is None
    assert rows[0]["staleness"] == 1
    assert 0 < rows[1]["staleness"] < 0.1


def test_a_disputed_word_counts_as_none(worker: User) -> None:
    service = a_service(confirmed_at=timezone.now())
    a_report(service)
    service.disputed = True
    service.save()
    assert checked(worker)[0]["staleness"] == 1


def test_a_phone_only_site_is_found_by_its_area_and_tells_no_distance(worker: User) -> None:
    a_place("Philadelphia", LAT, LON, population=1_500_000)
    here = a_service(a_site(visibility=Visibility.PHONE_ONLY))
    a_service(a_site(visibility=Visibility.PHONE_ONLY, region="CA"))
    rows = checked(worker)
    assert [row["id"] for row in rows] == [str(here.pk)]
    assert rows[0]["distance_m"] is None
    assert rows[0]["travel_minutes"] == 60
    assert rows[0]["site"]["phones"]


def test_an_approximate_site_is_as_far_as_its_displaced_point(worker: User) -> None:
    service = a_service(a_site(visibility=Visibility.APPROXIMATE))
    shown = service.site.displaced_location
    assert shown
    [row] = checked(worker)
    assert row["distance_m"] == round(geodesic_m(LAT, LON, shown.y, shown.x)) > 1000


def test_sites_that_others_claimed_are_left_out_and_ones_own_tells_until_when(
    worker: User,
) -> None:
    mine, theirs = a_service(), a_service()
    sister = a_service(theirs.site, Kind.NALOXONE)
    free = a_service()
    until = claim_site(service_id=mine.pk, account=worker).until
    claim_site(service_id=theirs.pk, account=an_account(Role.OUTREACH))
    rows = {row["id"]: row for row in checked(worker)}
    assert set(rows) == {str(mine.pk), str(free.pk)}
    assert str(sister.pk) not in rows
    assert dt.datetime.fromisoformat(rows[str(mine.pk)]["claimed_until"]) == until
    assert rows[str(free.pk)]["claimed_until"] is None


def test_claims_of_others_do_not_shorten_the_list(worker: User) -> None:
    colleague = an_account(Role.OUTREACH)
    services = [a_service() for _ in range(5)]
    first = checked(worker, limit=2)
    for row in first:
        claim_site(service_id=uuid.UUID(row["id"]), account=colleague)
    second = checked(worker, limit=2)
    assert len(second) == 2
    assert not {row["id"] for row in first} & {row["id"] for row in second}
    assert len(services) == 5


@pytest.mark.parametrize("role", [None, Role.CLINIC_STAFF, Role.CLINIC_ADMIN])
def test_others_may_not(role: Role | None) -> None:
    with pytest.raises(MayNotVerifyError):
        checked(an_account(role))


def test_outreach_may_not_before_it_is_approved() -> None:
    account = an_account(Role.OUTREACH)
    account.approved_at = None
    with pytest.raises(MayNotVerifyError):
        checked(account)
