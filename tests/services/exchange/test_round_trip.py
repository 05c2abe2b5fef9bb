"""Export, then import: nothing changes, whatever the texts are."""

import datetime as dt
from typing import Any

import pytest
from django.apps import apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.exchange.lines import Outcome
from services.exchange.reading import read_table
from services.exchange.writing import Form
from services.models import Change, Hours, HoursException, Phone, Service, Site
from services.vocabulary import Delivery, HoursType, Kind, Role, Visibility
from tests.builders import a_report, a_service, a_site, an_account
from tests.services.exchange.files import applied, exported, planned

pytestmark = pytest.mark.django_db

EVENTS = ("SiteEvent", "PhoneEvent", "ServiceEvent", "HoursEvent", "HoursExceptionEvent")
NASTY = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r\n=1",
    "\n",
    " =1",
    "\u200f=1+1",
    "＝1+1",
    "'",
    "'=1",
    "''=1",
    "'tis",
    'said "no", then; left',
    "one\r\ntwo\rthree\nfour",
    "_x000D_ and _x005F_",
    "\x01\x0b\x1f\x7f\ufffe\uffff",
    "TRUE",
    "1e5",
    "00123",
    "2026-11-24",
    "v12",
    "  blank around  ",
    "مرحبا \u202etext\u202c",
    "👩🏽‍⚕️ naloxone",
    "#REF!",
    "null",
]
TEXTS = st.one_of(
    st.sampled_from(NASTY),
    st.text(
        st.one_of(
            st.sampled_from("=+-@'\"\t\r\n,;|\\()_x0 5F"),
            st.characters(exclude_characters="\0", exclude_categories=["Cs"]),
        ),
        max_size=60,
    ),
)
FORMS = pytest.mark.parametrize("form", list(Form))


def written() -> tuple[Any, ...]:
    """Everything that an edit would leave behind."""
    events = tuple(apps.get_model("services", name).objects.count() for name in EVENTS)
    times = [tuple(model.objects.values_list("pk", "updated_at")) for model in (Site, Service)]
    return Change.objects.count(), events, times


def a_full_site(**fields: Any) -> Site:
    site = a_site(website="https://clinic.example/", naltrexone=True, **fields)
    Phone.objects.create(site=site, number="+14165550101", extension="12", label="intake (day)")
    Phone.objects.create(site=site, number="988", label="crisis | all\nhours \\", position=3)
    return site


def a_full_service(site: Site | None = None, **fields: Any) -> Service:
    service = a_service(
        site or a_site(),
        Kind.DETOX,
        hours="Mo-Fr 05:30-14:00; PH off",
        **{
            "access": {"walk_in": True, "id_required": False},
            "languages": ["es", "en"],
            "min_age": 18,
            "asam_levels": ["3.7-WM", "3.2-WM"],
            "asam_edition": 4,
            "methadone_policy": "accepts",
        }
        | fields,
    )
    Hours.objects.create(service=service, type=HoursType.INTAKE, verbatim="=by appointment")
    days = [(dt.date(2026, 12, 24), dt.date(2026, 12, 26), "", "holiday | (long)")]
    days.append((dt.date(2026, 12, 31), dt.date(2026, 12, 31), "09:00-12:00", "=1+1"))
    for first, last, times, reason in days:
        HoursException.objects.create(
            service=service, first_day=first, last_day=last, times=times, reason=reason
        )
    a_report(service, note="=2 beds")
    return service


def nothing_changes(name: str, form: Form) -> None:
    before, moderator = written(), an_account(Role.MODERATOR)
    done = applied(name, exported(name, form), moderator)
    assert {line.outcome for line in done.lines} == {Outcome.UNCHANGED}, done.lines
    assert written() == before


@FORMS
def test_sites_with_everything_come_back_as_they_were(form: Form) -> None:
    a_full_site()
    a_full_site(delivery=Delivery.REMOTE)
    a_full_site(
        visibility=Visibility.APPROXIMATE, retired_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    )
    nothing_changes("sites", form)


@FORMS
def test_services_with_everything_come_back_as_they_were(form: Form) -> None:
    a_full_service()
    a_service(kind=Kind.NALOXONE)
    nothing_changes("services", form)


@FORMS
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=TEXTS, address=TEXTS, label=TEXTS)
def test_a_sites_texts_come_back_exactly(form: Form, name: str, address: str, label: str) -> None:
    Phone.objects.all().delete()
    Site.objects.all().delete()
    site = a_site(name=name or "x", address=address)
    Phone.objects.filter(site=site).update(label=label[:40], extension=label[:16])
    nothing_changes("sites", form)
    (row,) = read_table(exported("sites", form)).rows
    assert (row.cells["name"], row.cells["address"]) == (name or "x", address)


@FORMS
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(description=TEXTS, reason=TEXTS)
def test_a_services_texts_come_back_exactly(form: Form, description: str, reason: str) -> None:
    HoursException.objects.all().delete()
    Service.objects.all().delete()
    service = a_service(description=description)
    day = dt.date(2026, 12, 24)
    HoursException.objects.create(service=service, first_day=day, last_day=day, reason=reason)
    nothing_changes("services", form)
    (row,) = read_table(exported("services", form)).rows
    assert row.cells["description"] == description


@FORMS
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
)
def test_points_come_back_to_the_last_digit(form: Form, lat: float, lon: float) -> None:
    Site.objects.all().delete()
    a_site(lat, lon, country="AQ")
    nothing_changes("sites", form)
    (row,) = read_table(exported("sites", form)).rows
    assert (float(row.cells["latitude"]), float(row.cells["longitude"])) == (lat, lon)


@FORMS
def test_a_text_too_long_for_a_spreadsheet_is_left_as_it_is(form: Form) -> None:
    a_service(description="word " * 10_000)
    assert b"50,000 characters" in exported("services")
    nothing_changes("services", form)


def test_the_same_listings_make_the_same_file() -> None:
    a_full_site()
    a_full_site()
    assert exported("sites") == exported("sites")


@pytest.mark.parametrize(("sheet", "queries"), [("sites", 3), ("services", 4)])
def test_many_listings_are_read_with_few_questions(
    sheet: str, queries: int, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        a_full_service(a_full_site())
    with django_assert_num_queries(queries):
        exported(sheet)
    content, moderator = exported(sheet), an_account(Role.MODERATOR)
    with django_assert_num_queries(queries):
        planned(sheet, content, moderator)


def test_what_anyone_is_told_of_availability_is_exported_and_not_read() -> None:
    a_full_service()
    plan = planned("services", exported("services"), an_account(Role.MODERATOR))
    assert "The availability is not read from a file: report it instead." in plan.notices
