"""The first page of clinic staff, and what its buttons do."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from services.models import AvailabilityReport, Closing, HeldChange, Organization, Service, Site
from services.vocabulary import Availability, Kind, Reporter, Role
from tests.builders import (
    a_closing,
    a_report,
    a_service,
    a_site,
    an_account,
    an_organization,
)
from tests.services.admin.door import signed_in

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
PAGE = "/admin/"


@pytest.fixture
def home() -> Organization:
    return an_organization(name="Home Clinic")


@pytest.fixture
def door(home: Organization) -> Site:
    return a_site(organization=home, name="Main door")


@pytest.fixture
def clinic(home: Organization) -> Client:
    return signed_in(an_account(Role.CLINIC_STAFF, home, is_staff=True))


def shown(client: Client) -> Any:
    response = client.get(PAGE)
    assert response.status_code == 200
    return response.context["groups"]


def rows(client: Client) -> list[Any]:
    return [row for group in shown(client) for row in group.rows]


def say(client: Client, service: Service, said: str, **more: Any) -> Any:
    """Press a button of a page opened just now."""
    values = {"id": str(uuid.uuid4()), "say": said} | more
    url = reverse("admin:clinic_report", args=[service.pk])
    response = client.post(url, values, follow=True)
    service.refresh_from_db()
    return response


def told(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_staff_arrive_at_their_own_services(clinic: Client, door: Site) -> None:
    service = a_service(door, Kind.DETOX)
    a_service(kind=Kind.DETOX)
    assert [row.service for row in rows(clinic)] == [service]
    assert b"Home Clinic" in clinic.get(PAGE).content


def test_retired_services_are_not_asked_for(clinic: Client, door: Site) -> None:
    a_service(door, retired_at=timezone.now())
    assert rows(clinic) == []
    assert b"No service is listed yet" in clinic.get(PAGE).content


def test_who_belongs_to_two_clinics_sees_both_apart(home: Organization, door: Site) -> None:
    account = an_account(Role.CLINIC_ADMIN, home, is_staff=True)
    other = a_site(name="Other door")
    other.organization.memberships.create(user=account, role=Role.CLINIC_STAFF)
    a_service(door)
    a_service(other)
    groups = shown(signed_in(account))
    assert {group.organization for group in groups} == {home, other.organization}
    assert [len(group.rows) for group in groups] == [1, 1]


def test_what_needs_a_word_stands_first(clinic: Client, door: Site) -> None:
    fresh, soon, never, expired, disputed, closed = (
        a_service(door, kind)
        for kind in (Kind.METHADONE, Kind.DETOX, Kind.TESTING, Kind.WOUND_CARE, Kind.NALOXONE,
                     Kind.OUTPATIENT)
    )  # fmt: skip
    a_report(fresh)
    a_report(soon, ago=10 * HOUR)
    a_report(expired, ago=50 * HOUR)
    a_report(disputed)
    Service.objects.filter(pk=disputed.pk).update(disputed=True)
    a_closing(closed)
    found = [row.service for row in rows(clinic)]
    assert found == [disputed, expired, never, soon, fresh, closed]
    group = shown(clinic)[0]
    assert (group.stale, group.soon) == (3, 1)
    assert b"<strong>3 of 6</strong> need an update" in clinic.get(PAGE).content


@time_machine.travel("2026-11-24T18:00:00Z", tick=False)
def test_times_are_in_words_on_the_clock_of_the_site(clinic: Client, home: Organization) -> None:
    west = a_site(34.05, -118.24, organization=home, time_zone="America/Los_Angeles")
    service = a_service(west, Kind.DETOX)
    a_report(service, remaining=3, ago=10 * HOUR)
    row = rows(clinic)[0]
    assert (row.told, row.until) == ("Available, 3 beds", "expires in 2 h")
    assert row.until_exactly == "12:00 PST"
    with time_machine.travel("2026-11-25T18:00:00Z", tick=False):
        row = rows(clinic)[0]
        assert row.told == "Unknown — call first"
        assert row.until == "expired yesterday at 12:00"
        assert row.last_word == "Available, 3 beds"


@pytest.mark.parametrize("state", ["available", "limited", "waitlist", "full"])
def test_one_tap_is_one_report(clinic: Client, door: Site, state: str) -> None:
    service = a_service(door)
    response = say(clinic, service, state)
    assert response.redirect_chain == [(PAGE + "clinic/", 302)]
    made = AvailabilityReport.objects.get()
    assert (made.state, made.reporter, made.channel) == (state, Reporter.CLINIC_STAFF, "admin")
    assert made.account
    assert service.state == state
    assert str(Availability(state).label) in told(response)[0]


def test_a_number_is_free(clinic: Client, door: Site) -> None:
    service = a_service(door, Kind.DETOX)
    say(clinic, service, "free", remaining="4")
    assert (service.state, service.remaining) == (Availability.AVAILABLE, 4)
    say(clinic, service, "free", remaining="0")
    assert (service.state, service.remaining) == (Availability.FULL, 0)


@pytest.mark.parametrize(
    ("said", "more"),
    [
        ("free", {}),
        ("free", {"remaining": "-1"}),
        ("free", {"remaining": "100001"}),
        ("free", {"remaining": "some"}),
        ("unknown", {}),
        ("", {}),
        ("full", {"id": "1"}),
        ("still", {}),
    ],
)
def test_what_cannot_be_said_is_refused_with_what_to_do(
    clinic: Client, door: Site, said: str, more: dict[str, str]
) -> None:
    response = say(clinic, a_service(door), said, **more)
    assert not AvailabilityReport.objects.exists()
    assert len(told(response)) == 1
    assert len(told(response)[0]) > 10


def test_still_true_repeats_all_of_the_last_word(clinic: Client, door: Site) -> None:
    service = a_service(door, Kind.DETOX)
    a_report(service, Availability.WAITLIST, wait_days=5, note="Call at nine", ago=20 * HOUR)
    assert service.as_of
    say(clinic, service, "still", shown=service.as_of.isoformat())
    assert (service.state, service.wait_days, service.note) == ("waitlist", 5, "Call at nine")
    assert not rows(clinic)[0].is_due


def test_a_word_that_changed_meanwhile_is_not_repeated(clinic: Client, door: Site) -> None:
    service = a_service(door)
    a_report(service, ago=2 * HOUR)
    assert service.as_of
    old = service.as_of.isoformat()
    a_report(service, Availability.FULL, ago=HOUR)
    response = say(clinic, service, "still", shown=old)
    assert service.state == Availability.FULL
    assert "meanwhile" in told(response)[0]


def test_a_double_tap_is_one_report(clinic: Client, door: Site) -> None:
    service, id_ = a_service(door), str(uuid.uuid4())
    say(clinic, service, "full", id=id_)
    again = say(clinic, service, "full", id=id_)
    assert AvailabilityReport.objects.count() == 1
    assert told(again)[0].startswith("Already reported")
    shown = service.as_of.isoformat() if service.as_of else ""
    for _ in range(2):
        say(clinic, service, "still", id=id_, shown=shown)
    assert AvailabilityReport.objects.count() == 2


def test_a_slip_of_the_finger_is_mended_by_the_next_tap(clinic: Client, door: Site) -> None:
    service, id_ = a_service(door), str(uuid.uuid4())
    say(clinic, service, "full", id=id_)
    say(clinic, service, "available", id=id_)
    assert service.state == Availability.AVAILABLE


def test_to_open_the_address_of_a_button_changes_nothing(clinic: Client, door: Site) -> None:
    service = a_service(door)
    for name in ("report", "close_service", "confirm_service"):
        url = reverse(f"admin:clinic_{name}", args=[service.pk])
        assert clinic.get(url + "?say=full").status_code == 302
    assert not AvailabilityReport.objects.exists()
    service.refresh_from_db()
    assert (service.confirmed_at, service.closed_until) == (None, None)


def test_a_button_without_its_token_is_refused(door: Site, home: Organization) -> None:
    account = an_account(Role.CLINIC_STAFF, home, is_staff=True)
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(account).cookies
    url = reverse("admin:clinic_report", args=[a_service(door).pk])
    assert client.post(url, {"id": str(uuid.uuid4()), "say": "full"}).status_code == 403


BUTTONS = [
    ("clinic_report", Service),
    ("clinic_close_service", Service),
    ("clinic_confirm_service", Service),
    ("clinic_as_seen", Service),
    ("clinic_close_site", Site),
    ("clinic_confirm_site", Site),
    ("clinic_close_organization", Organization),
    ("clinic_open_again", Closing),
]


@pytest.mark.parametrize(("name", "model"), BUTTONS)
def test_foreign_things_look_like_none(clinic: Client, name: str, model: Any) -> None:
    service = a_service()
    closing = a_closing(service)
    found = {Service: service, Site: service.site, Organization: service.site.organization}
    answers = []
    for pk in ((found | {Closing: closing})[model].pk, uuid.uuid4()):
        said = {"id": str(uuid.uuid4()), "say": "full", "until": "2099-01-01T08:00"}
        response = clinic.post(reverse(f"admin:{name}", args=[pk]), said)
        headers = {key: value for key, value in response.headers.items() if key != "Expires"}
        answers.append((response.status_code, response.content, sorted(headers.items())))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    closing.refresh_from_db()
    assert closing.reopened_at is None
    assert not AvailabilityReport.objects.exists()


@time_machine.travel("2026-11-24T18:00:00Z", tick=False)
def test_a_service_is_closed_until_a_time_on_the_sites_clock(clinic: Client, door: Site) -> None:
    service = a_service(door)
    said = {"id": str(uuid.uuid4()), "until": "2026-11-26T08:00", "reason": "Burst pipe"}
    url = reverse("admin:clinic_close_service", args=[service.pk])
    for _ in range(2):
        response = clinic.post(url, said, follow=True)
    service.refresh_from_db()
    assert service.closed_until == dt.datetime(2026, 11, 26, 13, tzinfo=dt.UTC)
    assert Closing.objects.count() == 1
    assert "Thu 26 Nov 2026, 08:00 EST" in told(response)[-1]
    row = rows(clinic)[0]
    assert (row.told, row.until) == ("Closed for now", "opens again on Thursday at 08:00")
    assert b"Burst pipe" in clinic.get(PAGE).content


@pytest.mark.parametrize("until", ["", "soon", "2020-01-01T08:00", "2099-01-01T08:00"])
def test_a_closing_that_cannot_be_is_refused(clinic: Client, door: Site, until: str) -> None:
    url = reverse("admin:clinic_close_service", args=[a_service(door).pk])
    said = {"id": str(uuid.uuid4()), "until": until}
    response = clinic.post(url, said, follow=True)
    assert not Closing.objects.exists()
    assert len(told(response)) == 1


@pytest.mark.parametrize("scope", ["site", "organization"])
def test_a_whole_site_or_organization_is_closed_and_opened_again(
    clinic: Client, door: Site, home: Organization, scope: str
) -> None:
    service = a_service(door)
    a_service(a_site(organization=home), Kind.DETOX)
    until = f"{timezone.now() + 48 * HOUR:%Y-%m-%dT%H:%M}"
    closed = door if scope == "site" else home
    url = reverse(f"admin:clinic_close_{scope}", args=[closed.pk])
    clinic.post(url, {"id": str(uuid.uuid4()), "until": until})
    assert sum(row.is_closed for row in rows(clinic)) == (1 if scope == "site" else 2)
    closing = Closing.objects.get()
    clinic.post(reverse("admin:clinic_open_again", args=[closing.pk]))
    service.refresh_from_db()
    assert service.closed_until is None


def confirmed() -> set[uuid.UUID]:
    return set(Service.objects.exclude(confirmed_at=None).values_list("pk", flat=True))


def test_everything_listed_is_confirmed(clinic: Client, door: Site) -> None:
    one, two = a_service(door), a_service(door, Kind.DETOX)
    a_service(door, Kind.NALOXONE, retired_at=timezone.now())
    clinic.post(reverse("admin:clinic_confirm_service", args=[one.pk]))
    assert confirmed() == {one.pk}
    clinic.post(reverse("admin:clinic_confirm_site", args=[door.pk]))
    assert confirmed() == {one.pk, two.pk}


def test_what_waits_for_a_second_person_is_named(
    clinic: Client, door: Site, home: Organization
) -> None:
    for organization, site in ((home, door), (an_organization(), a_site(name="Kestrel"))):
        HeldChange.objects.create(
            organization=organization,
            site=site,
            changes={"phones": []},
            reasons=["phone"],
            asked_as=Role.CLINIC_STAFF,
            asked_at=timezone.now(),
            due_at=timezone.now() + 24 * HOUR,
        )
    html = clinic.get(PAGE).content.decode()
    assert "1 change waits for a second person" in html
    assert "Phones of Main door, Philadelphia, asked" in html
    assert "Kestrel" not in html


def test_a_listing_is_shown_as_searchers_see_it(clinic: Client, home: Organization) -> None:
    hidden = a_site(
        organization=home, visibility="approximate", address="7 Hidden Street", name="Safe house"
    )
    service = a_service(hidden, access={"walk_in": True})
    a_report(service, remaining=2)
    html = clinic.get(reverse("admin:clinic_as_seen", args=[service.pk])).content.decode()
    assert "7 Hidden Street" not in html
    assert "Not told to anyone" in html
    assert "2 free" in html
    assert "+12155550100 (main)" in html


def test_the_page_asks_as_often_for_many_services_as_for_few(
    clinic: Client, home: Organization, django_assert_num_queries: Any
) -> None:
    def listings() -> None:
        site = a_site(organization=home)
        for kind in (Kind.DETOX, Kind.METHADONE, Kind.NALOXONE):
            service = a_service(site, kind)
            a_report(service)
            a_closing(service)

    listings()
    with django_assert_num_queries(QUERIES):
        clinic.get(PAGE)
    for _ in range(4):
        listings()
    with django_assert_num_queries(QUERIES):
        clinic.get(PAGE)


QUERIES = 10


def test_the_page_runs_no_inline_code_and_every_input_has_a_label(
    clinic: Client, door: Site
) -> None:
    a_report(a_service(door), remaining=1)
    html = clinic.get(PAGE).content.decode()
    assert "style=" not in html
    assert "onclick=" not in html
    inputs = re.findall(r'<input type="(?:number|datetime-local|text)"[^>]*id="([^"]+)"', html)
    assert inputs
    for id_ in inputs:
        assert f'for="{id_}"' in html


def test_moderators_arrive_at_all_screens_and_what_is_to_look_after() -> None:
    client = signed_in(an_account(Role.MODERATOR, is_staff=True))
    html = client.get(PAGE).content.decode()
    assert reverse("admin:disputed") in html
    assert reverse("admin:services_heldchange_changelist") in html
    assert reverse("admin:services_site_changelist") in html
    assert "Your own clinic" not in html
