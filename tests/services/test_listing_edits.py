"""Editing in the form of a PATCH body: what is written, what is refused, two people at once."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.content import content_of, differences
from services.editing import EditRefusedError
from services.listing_edits import Edited, edit_listing
from services.models import (
    Change,
    Hours,
    HoursException,
    Phone,
    Service,
    Site,
    User,
)
from services.parts import set_phones
from services.versions import VersionMismatchError, version_of
from services.vocabulary import (
    ACCESS_FACTS,
    AsamLevel,
    Availability,
    Delivery,
    HoursType,
    Kind,
    MoudPolicy,
    Role,
    Visibility,
)
from tests.builders import PHILADELPHIA, a_report, a_service, a_site, an_account, an_organization

pytestmark = pytest.mark.django_db

LAT, LON = PHILADELPHIA


@pytest.fixture
def moderator(db: None) -> User:
    return an_account(Role.MODERATOR)


def edit(listing: Site | Service, account: User, **changes: Any) -> Edited:
    return edit_listing(model=type(listing), pk=listing.pk, changes=changes, account=account)


def now_of(listing: Site | Service) -> dict[str, Any]:
    return content_of(type(listing).objects.get(pk=listing.pk))


def refused(listing: Site | Service, account: User, **changes: Any) -> set[str]:
    with pytest.raises(EditRefusedError) as refusal:
        edit(listing, account, **changes)
    return {refusal.value.field, *(one.field for one in refusal.value.more)}


def test_facts_that_are_not_sent_stay_and_null_makes_one_unknown(moderator: User) -> None:
    service = a_service(access={"walk_in": True, "pets": False, "free": True})
    edit(service, moderator, access={"walk_in": False, "pets": None})
    assert now_of(service)["access"] == {"walk_in": False, "free": True}


def test_hours_are_set_by_type(moderator: User) -> None:
    service = a_service(hours="Mo-Fr 09:00-17:00")
    edit(service, moderator, hours={"intake": "Mo 09:00-10:00"})
    edit(service, moderator, hours={"open": None})
    assert now_of(service)["hours"] == {"open": None, "intake": "Mo 09:00-10:00", "dosing": None}


def test_what_a_feed_said_of_hours_stays_beside_the_rule(moderator: User) -> None:
    service = a_service()
    Hours.objects.create(service=service, type=HoursType.OPEN, verbatim="mornings")
    edit(service, moderator, hours={"open": "Mo-Fr 08:00-12:00"})
    edit(service, moderator, hours={"open": None})
    assert Hours.objects.values_list("rule", "verbatim").get() == ("", "mornings")


def test_exceptions_are_set_whole_and_those_that_stay_are_not_touched(moderator: User) -> None:
    service = a_service()
    day = dt.date(2026, 12, 24)
    stays = HoursException.objects.create(service=service, first_day=day, last_day=day)
    HoursException.objects.create(service=service, first_day=day, last_day=day, times="09:00-10:00")
    told = {"first_day": "2026-12-24", "last_day": "2026-12-24", "times": None, "reason": ""}
    later = {"first_day": "2027-01-01", "last_day": "2027-01-02", "times": "10:00-12:00"}
    edit(service, moderator, hours_exceptions=[later, told])
    first, second = HoursException.objects.all()
    assert first.pk == stays.pk
    assert (second.last_day, second.times) == (dt.date(2027, 1, 2), "10:00-12:00")


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"hours": {"open": "weekdays at nine"}}, {"hours.open"}),
        ({"hours_exceptions": [{"first_day": "2026-12-24", "last_day": "2026-12-23"}]},
         {"hours_exceptions"}),
        ({"hours_exceptions": [{"first_day": "Christmas", "last_day": "2026-12-23"}]},
         {"hours_exceptions"}),
        ({"hours_exceptions": [
            {"first_day": "2026-12-24", "last_day": "2026-12-24", "times": "Mo 09:00-12:00"}]},
         {"hours_exceptions"}),
        ({"languages": ["Spanish"]}, {"languages"}),
        ({"name": "\u200b\u2060"}, {"name"}),
        ({"min_age": 21, "max_age": 18}, {"max_age"}),
        ({"asam": {"levels": ["3.7-WM"]}}, {"asam_edition"}),
        ({"languages": ["e1"], "hours": {"open": "?"}}, {"languages", "hours.open"}),
    ],
)  # fmt: skip
def test_a_service_that_cannot_be_is_refused_field_by_field(
    moderator: User, changes: dict[str, Any], fields: set[str]
) -> None:
    service = a_service()
    assert refused(service, moderator, **changes) == fields
    assert not Hours.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"phones": [{"number": "12345"}]}, "phones"),
        ({"phones": [{"number": "988"}, {"number": "988"}]}, "phones"),
        ({"phones": [{"number": "988", "extension": "ask for Sam"}]}, "phones"),
        ({"location": None}, "location"),
        ({"location": {"lat": LAT, "lon": -LON}}, "location"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "Factory"}, "time_zone"),
        ({"country": "12"}, "country"),
        ({"country": "U"}, "country"),
        ({"country": "ßß"}, "country"),  # four letters, once they are large
        ({"region": "ß" * 8}, "region"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"name": " "}, "name"),
        ({"name": "\u200b"}, "name"),
        ({"visibility": "phone_only", "region": ""}, "region"),
        ({"delivery": "remote", "visibility": "approximate"}, "visibility"),
    ],
)
def test_a_site_that_cannot_be_is_refused_where_it_is_wrong(
    moderator: User, changes: dict[str, Any], field: str
) -> None:
    site = a_site()
    before = now_of(site)
    assert refused(site, moderator, **changes) == {field}
    assert now_of(site) == before


def test_a_remote_site_takes_no_point_unless_it_gets_a_door(moderator: User) -> None:
    site = a_site(delivery=Delivery.REMOTE)
    point = {"lat": LAT, "lon": LON}
    assert refused(site, moderator, location=point) == {"location"}
    edit(site, moderator, location=point, delivery="door")
    assert now_of(site)["location"] == point


def test_numbers_are_read_as_people_write_them_where_the_site_is(moderator: User) -> None:
    site = a_site(country="CA", region="ON")
    edit(site, moderator, phones=[{"number": "(416) 555-0100"}, {"number": "988"}])
    assert [phone["number"] for phone in now_of(site)["phones"]] == ["+14165550100", "988"]


def test_phones_change_places_and_rows_that_stay_are_not_touched() -> None:
    site = a_site()
    one, two, three = (
        {"number": number, "extension": None, "label": "main"}
        for number in ("+12155550101", "+12155550102", "988")
    )
    set_phones(site_id=site.pk, phones=[one, two])
    rows = dict(Phone.objects.values_list("number", "pk"))
    for wanted in ([two, one], [two, three, one], [one], [one, two]):
        assert set_phones(site_id=site.pk, phones=wanted)
        assert now_of(site)["phones"] == wanted
    kept = Phone.objects.get(number="+12155550101")
    assert kept.pk == rows[kept.number]


def test_what_stands_there_is_not_judged(moderator: User) -> None:
    """A feed may have left what nobody could write now; it must not bar every other edit."""
    site = a_site(website="not an address")
    Phone.objects.filter(site=site).update(number="12345")
    told = now_of(site)
    edit(site, moderator, **told | {"name": "New name"})
    assert now_of(site) == told | {"name": "New name"}


def test_reports_and_time_make_no_new_version() -> None:
    service = a_service()
    before = version_of(now_of(service))
    a_report(service, Availability.FULL)
    assert version_of(now_of(service)) == before


def test_a_part_makes_a_new_version(moderator: User) -> None:
    site = a_site()
    before = version_of(now_of(site))
    edit(site, moderator, phones=[{"number": "988"}])
    assert version_of(now_of(site)) != before


@pytest.mark.django_db(transaction=True)
def test_of_two_who_edit_the_same_version_at_once_one_is_told() -> None:
    service = a_service()
    moderator = an_account(Role.MODERATOR)
    seen = {version_of(now_of(service))}
    start, outcomes = threading.Barrier(2), []

    def edits(name: str) -> Callable[[], None]:
        def run() -> None:
            start.wait()
            try:
                edit_listing(
                    model=Service,
                    pk=service.pk,
                    changes={"name": name},
                    account=moderator,
                    versions=seen,
                )
                outcomes.append("edited")
            except VersionMismatchError:
                outcomes.append("told")
            finally:
                connections.close_all()

        return run

    threads = [threading.Thread(target=edits(name)) for name in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["edited", "told"]


@pytest.mark.django_db(transaction=True)
def test_edits_side_by_side_are_all_counted() -> None:
    clinic = an_organization()
    asker = an_account(Role.CLINIC_ADMIN, clinic)
    site = a_site(organization=clinic)
    services = [a_service(site, kind) for kind in list(Kind)[:10]]
    at_once = services[:6]
    start, held = threading.Barrier(len(at_once)), []

    def run(service: Service) -> None:
        start.wait()
        try:
            held.append(len(edit(service, asker, description="New").held))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[service]) for service in at_once]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(held) == [0, 0, 1, 1, 1, 1]


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40)
names = texts.map(lambda text: f"Clinic {text}")
rules = st.sampled_from([None, "Mo-Fr 09:00-17:00", "24/7", "Mo,We 10:00-12:00; PH off"])
days = st.dates(dt.date(2026, 1, 1), dt.date(2028, 1, 1)).map(dt.date.isoformat)
ages = st.one_of(st.none(), st.integers(0, 130))
exceptions = st.builds(
    lambda first, last, times, reason: {
        "first_day": min(first, last), "last_day": max(first, last), "times": times,
        "reason": reason,
    },
    days, days, st.sampled_from([None, "09:00-12:00"]), texts,
)  # fmt: skip
services = st.fixed_dictionaries(
    {},
    optional={
        "name": names,
        "description": texts,
        "access": st.dictionaries(
            st.sampled_from(list(ACCESS_FACTS)), st.sampled_from([True, False, None])
        ),
        "languages": st.lists(st.sampled_from(["en", "es", "FR", "zh"])),
        "min_age": ages,
        "asam": st.fixed_dictionaries(
            {"levels": st.lists(st.sampled_from(AsamLevel.values)), "edition": st.just(4)}
        ),
        "moud_policy": st.dictionaries(
            st.sampled_from(["methadone", "buprenorphine"]), st.sampled_from(MoudPolicy.values)
        ),
        "hours": st.dictionaries(st.sampled_from(HoursType.values), rules),
        "hours_exceptions": st.lists(exceptions, max_size=4),
        "listed": st.booleans(),
    },
)
numbers = st.sampled_from(["+12155550101", "(215) 555-0102", "988", "+1 416 555 0100"])
sites = st.fixed_dictionaries(
    {},
    optional={
        "name": names,
        "location": st.fixed_dictionaries({"lat": st.floats(25, 49), "lon": st.floats(-124, -67)}),
        "address": texts,
        "city": texts,
        "postal_code": st.sampled_from(["", "19103", "M5V 2T6"]),
        "website": st.sampled_from([None, "https://clinic.example/a?b=c"]),
        "visibility": st.sampled_from(Visibility.values),
        "naltrexone": st.sampled_from([None, True, False]),
        "phones": st.lists(
            st.fixed_dictionaries(
                {"number": numbers, "label": texts, "extension": st.sampled_from([None, "12"])}
            ),
            max_size=4,
            unique_by=lambda phone: (phone["number"], phone["extension"]),
        ),
        "listed": st.booleans(),
    },
)
QUIETLY = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def stays_as_it_is(listing: Site | Service, account: User) -> None:
    """An edit with what is told changes no row, makes no new version, and is logged nowhere."""
    told = now_of(listing)
    changes = Change.objects.count()
    with connection.execute_wrapper(no_writing):
        edited = edit(listing, account, **told)
    assert edited == Edited({}, ())
    assert now_of(listing) == told
    assert Change.objects.count() == changes


def no_writing(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    assert not sql.startswith(("INSERT", "UPDATE", "DELETE")), sql
    return execute(sql, params, many, context)


@QUIETLY
@given(wanted=services)
def test_a_service_sent_back_as_it_is_told_is_no_change(
    moderator: User, wanted: dict[str, Any]
) -> None:
    service = a_service(languages=["es", "en"], asam_levels=["4-WM", "1-WM"], asam_edition=4)
    edit(service, moderator, **wanted)
    assert not differences(now_of(service), {k: wanted[k] for k in wanted if k in EXACT})
    stays_as_it_is(service, moderator)


EXACT = {"min_age", "moud_policy", "listed"}  # kept as they are sent


@QUIETLY
@given(wanted=sites)
def test_a_site_sent_back_as_it_is_told_is_no_change(
    moderator: User, wanted: dict[str, Any]
) -> None:
    site = a_site()
    edit(site, moderator, **wanted)
    if "location" in wanted:
        assert now_of(site)["location"] == wanted["location"]
    stays_as_it_is(site, moderator)
