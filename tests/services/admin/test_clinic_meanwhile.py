"""The first page of a clinic, when things changed while it stood open, or somebody plays tricks."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from services.admin import one_click
from services.models import AvailabilityReport, Closing, Organization, Service, Site, User
from services.reporting import says_of
from services.vocabulary import Kind, Role
from tests.builders import a_closing, a_report, a_service, a_site, an_account, an_organization
from tests.services.admin.door import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/admin/"


@pytest.fixture
def home() -> Organization:
    return an_organization(name="Home Clinic")


@pytest.fixture
def service(home: Organization) -> Service:
    return a_service(a_site(organization=home, name="Main door"))


@pytest.fixture
def staff(home: Organization) -> User:
    return an_account(Role.CLINIC_STAFF, home, is_staff=True)


@pytest.fixture
def clinic(staff: User) -> Client:
    return signed_in(staff)


def tap(client: Client, name: str, row: Any, **more: str) -> Any:
    """Press a button of a page that was opened before."""
    values = {"id": str(uuid.uuid4()), "say": "full", "until": f"{timezone.now().year + 1}-01-01"}
    values["until"] += "T08:00"
    return client.post(reverse(f"admin:clinic_{name}", args=[row.pk]), values | more)


def nothing_was_said() -> bool:
    confirmed = Service.objects.exclude(confirmed_at=None)
    return not any(
        found.exists() for found in (AvailabilityReport.objects, Closing.objects, confirmed)
    )


BUTTONS = ["report", "close_service", "confirm_service"]


@pytest.mark.parametrize("name", BUTTONS)
def test_who_was_removed_from_the_clinic_does_nothing_more(
    clinic: Client, staff: User, service: Service, name: str
) -> None:
    an_account(Role.CLINIC_STAFF, an_organization())
    staff.memberships.all().delete()
    assert tap(clinic, name, service).status_code in {302, 403, 404}
    assert nothing_was_said()


@pytest.mark.parametrize("name", BUTTONS)
def test_whose_account_was_closed_is_asked_to_sign_in(
    clinic: Client, staff: User, service: Service, name: str
) -> None:
    User.objects.filter(pk=staff.pk).update(is_active=False)
    response = tap(clinic, name, service)
    assert response.status_code == 302
    assert "login" in response["Location"]
    assert nothing_was_said()


def test_who_moved_to_another_clinic_sees_that_one_alone(
    clinic: Client, staff: User, service: Service
) -> None:
    other = a_service(name="Other beds")
    staff.memberships.update(organization=other.site.organization)
    html = clinic.get(PAGE).content.decode()
    assert "Other beds" in html
    assert "Home Clinic" not in html
    assert tap(clinic, "report", service).status_code == 404


@pytest.mark.parametrize("name", BUTTONS)
@pytest.mark.parametrize("what", ["service", "site"])
def test_what_was_taken_off_the_list_is_not_found(
    clinic: Client, service: Service, name: str, what: str
) -> None:
    row: Service | Site = service if what == "service" else service.site
    type(row).objects.filter(pk=row.pk).update(retired_at=timezone.now())
    assert tap(clinic, name, service).status_code == 404
    assert nothing_was_said()
    assert b"No service is listed yet" in clinic.get(PAGE).content


def test_a_retired_site_is_neither_closed_nor_confirmed(clinic: Client, service: Service) -> None:
    Site.objects.update(retired_at=timezone.now())
    for name in ("close_site", "confirm_site"):
        assert tap(clinic, name, service.site).status_code == 404
    assert nothing_was_said()


def test_what_is_taken_away_while_the_tap_arrives_is_not_found(
    clinic: Client, staff: User, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def removed_meanwhile(account: User, services: Any) -> Any:
        account.memberships.all().delete()
        return says_of(account, services)

    monkeypatch.setattr(one_click, "says_of", removed_meanwhile)
    assert tap(clinic, "report", service).status_code == 404
    assert nothing_was_said()


def test_staff_of_two_clinics_speak_for_both(staff: User, service: Service) -> None:
    other = a_service(kind=Kind.DETOX)
    other.site.organization.memberships.create(user=staff, role=Role.CLINIC_ADMIN)
    client = signed_in(staff)
    for one in (service, other):
        assert tap(client, "report", one).status_code == 302
    assert AvailabilityReport.objects.filter(account=staff).count() == 2


def test_an_id_that_somebody_else_used_changes_nothing(clinic: Client, service: Service) -> None:
    second = a_service(a_site(organization=service.site.organization), Kind.DETOX)
    id_ = str(uuid.uuid4())
    tap(clinic, "report", service, id=id_)
    response = tap(clinic, "report", second, id=id_)
    assert response.status_code == 302
    second.refresh_from_db()
    assert second.as_of is None
    assert AvailabilityReport.objects.count() == 1


@pytest.mark.parametrize("until", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_a_closing_at_the_end_of_time_is_refused(
    clinic: Client, service: Service, until: str
) -> None:
    for zone in ("Pacific/Honolulu", "Asia/Tokyo"):
        Site.objects.update(time_zone=zone)
        assert tap(clinic, "close_service", service, until=until).status_code == 302
    assert nothing_was_said()


@pytest.mark.parametrize("text", ["\0", "\x1b[31m", "x" * 201, "<script>alert(1)</script>"])
def test_a_reason_is_text_and_nothing_else(clinic: Client, service: Service, text: str) -> None:
    assert tap(clinic, "close_service", service, reason=text).status_code == 302
    html = clinic.get(PAGE).content.decode()
    assert text not in html


def test_a_second_tap_on_open_again_says_so(clinic: Client, service: Service) -> None:
    closing = a_closing(service)
    for said in ("Open again.", "It was open again already."):
        url = reverse("admin:clinic_open_again", args=[closing.pk])
        assert said in clinic.post(url, follow=True).content.decode()


def test_names_are_text(clinic: Client, service: Service) -> None:
    Service.objects.update(name="<b>beds</b>")
    Site.objects.update(name="<i>door</i>")
    a_service(a_site(organization=service.site.organization), Kind.DETOX)
    a_report(service)
    a_closing(service)
    html = clinic.get(PAGE).content.decode()
    assert "<b>beds" not in html
    assert "<i>door" not in html
    assert "&lt;b&gt;beds" in html
