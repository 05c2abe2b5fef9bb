"""What anyone may know: nothing of a hidden site's address leaves the listing."""

import datetime as dt

import orjson
import pytest
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from services.geodesy import geodesic_m
from services.index import Query, live_index
from services.listing import kept_service, listed_services
from services.vocabulary import Availability, Kind, Visibility
from tests.builders import a_record_of, a_report, a_service, a_site

pytestmark = pytest.mark.django_db

SECRET = {"address": "77 Canary Street", "address_extra": "Suite Canary", "postal_code": "19177"}


@pytest.mark.parametrize("visibility", [Visibility.APPROXIMATE, Visibility.PHONE_ONLY])
def test_a_hidden_address_is_in_no_listing(visibility: Visibility) -> None:
    a_service(a_site(39.9511, -75.1611, visibility=visibility, **SECRET))
    (listed,) = listed_services()
    told = orjson.dumps(listed.as_feature(timezone.now())).decode() + repr(listed)
    for canary in ("Canary", "19177", "39.9511", "75.1611"):
        assert canary not in told


def test_an_approximate_site_shows_its_fixed_displaced_point() -> None:
    site = a_site(39.9511, -75.1611, visibility=Visibility.APPROXIMATE)
    a_service(site)
    points = []
    for visibility in (Visibility.APPROXIMATE, Visibility.PHONE_ONLY, Visibility.APPROXIMATE):
        site.visibility = visibility
        site.save()
        points.append(next(listed_services()).point)
    assert points[0] == points[2]
    assert points[1] is None
    assert points[0] is not None
    assert geodesic_m(39.9511, -75.1611, *points[0]) > 1_100


def test_a_phone_only_site_shows_its_region_only() -> None:
    a_service(a_site(visibility=Visibility.PHONE_ONLY))
    (listed,) = listed_services()
    site = listed.properties["site"]
    assert (site["region"], site["city"], site["address"]) == ("PA", None, None)
    assert listed.area == ("US", "PA")


def test_a_public_site_shows_everything() -> None:
    a_service(a_site(address="12 Main Street", address_extra="Suite 3"))
    (listed,) = listed_services()
    assert listed.properties["site"]["address"] == "12 Main Street, Suite 3"
    assert listed.properties["site"]["phones"] == [
        {"number": "+12155550100", "extension": None, "label": "main"}
    ]


def test_availability_expires_to_unknown_and_keeps_when_it_was_seen() -> None:
    service = a_service(kind=Kind.DETOX)
    a_report(service, Availability.AVAILABLE, remaining=3)
    (listed,) = listed_services()
    now = timezone.now()
    assert listed.word.at(now)["state"] == "available"
    later = listed.word.at(now + dt.timedelta(hours=13))
    assert (later["state"], later["remaining"]) == ("unknown", None)
    assert later["as_of"] == service.as_of


def test_retired_services_and_sites_are_not_listed() -> None:
    a_service(retired_at=timezone.now())
    a_service(a_site(retired_at=timezone.now()))
    assert list(listed_services()) == []


def test_a_load_costs_the_same_queries_for_any_number(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(8):
        a_service()
    with django_assert_num_queries(6):
        assert len(list(listed_services())) == 8


def test_every_service_has_the_parts_of_its_own_however_it_is_read() -> None:
    site, day = a_site(), dt.date(2030, 12, 24)
    shut = a_service(site, Kind.DETOX, hours="24/7", access={"walk_in": True})
    shut.hours_exceptions.create(first_day=day, last_day=day)
    named = a_service(site, Kind.NALOXONE, name="The van")
    named.hours.create(type="intake", verbatim="ask us")
    for source in ("samhsa-otp-2021", "another"):
        a_record_of(named, source)
    a_report(a_service(), Availability.LIMITED)
    loaded = {service.id: service for service in listed_services()}
    assert loaded == {service.id: service for service in listed_services(loaded)}
    assert loaded == {id_: kept_service(id_) for id_ in loaded}
    schedule = loaded[shut.pk].schedules["open"]
    assert schedule is not None
    assert schedule.rule == "24/7; 2030 Dec 24 off"
    assert loaded[shut.pk].properties["sources"] == []
    assert loaded[named.pk].properties["sources"] == ["another", "samhsa-otp-2021"]
    assert loaded[named.pk].properties["hours_as_published"] == {"intake": "ask us"}
    assert loaded[named.pk].access == {}


def test_the_index_tells_what_the_single_listing_tells() -> None:
    service = a_service(hours="Mo-Fr 09:00-17:00", access={"walk_in": True})
    a_report(service, Availability.LIMITED)
    live_index.load()
    now = timezone.now()
    single = next(listed_services()).as_feature(now)
    query = Query(39.95, -75.16, at=now, kinds=tuple(Kind))
    feature = orjson.loads(live_index.index.page(query, 1, 20).features.tobytes())
    told = orjson.loads(orjson.dumps(single))
    assert feature["geometry"] == told["geometry"]
    assert told["properties"].items() <= feature["properties"].items()
