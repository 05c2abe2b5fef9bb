"""Closing for a time on the pages of organizations, sites and services."""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from services.editing import retire
from services.models import Closing, Organization, Service, Site, User
from services.vocabulary import Reporter, Role
from tests.builders import a_closing, a_service, a_site, an_account, an_organization
from tests.services.admin.door import signed_in
from tests.services.admin.forms import submit

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("America/New_York")
MODELS = ["organization", "site", "service"]


@pytest.fixture
def clinic(db: None) -> Organization:
    return an_organization()


@pytest.fixture
def service(clinic: Organization) -> Service:
    return a_service(a_site(organization=clinic))


@pytest.fixture
def staff(clinic: Organization) -> User:
    return an_account(Role.CLINIC_STAFF, clinic, is_staff=True)


def row_of(service: Service, model: str) -> Any:
    rows = {"service": service, "site": service.site, "organization": service.site.organization}
    return rows[model]


def url(row: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:services_{row._meta.model_name}_{page}", args=[row.pk, *args])


def tomorrow() -> dt.datetime:
    there = timezone.now().astimezone(ZONE) + dt.timedelta(days=1)
    return there.replace(hour=8, minute=0, second=0, microsecond=0)


def typed(**other: str) -> dict[str, str]:
    said = {"id": str(uuid.uuid4()), "until": f"{tomorrow():%Y-%m-%dT%H:%M}", "reason": "Flood"}
    return said | other


@pytest.mark.parametrize("model", MODELS)
def test_staff_close_what_is_theirs_on_its_page_and_open_it_again(
    service: Service, staff: User, model: str
) -> None:
    browser, row = signed_in(staff), row_of(service, model)
    assert "Close until then" in browser.get(url(row, "change")).content.decode()
    page = browser.post(url(row, "close"), typed(), follow=True).content.decode()
    assert "Flood" in page
    service.refresh_from_db()
    assert service.closed_until == tomorrow()
    closing = Closing.objects.get()
    assert (closing.closed, closing.account, closing.closed_by) == (row, staff, "clinic_staff")
    assert url(row, "open_again", closing.pk) in page
    browser.post(url(row, "open_again", closing.pk))
    service.refresh_from_db()
    assert service.closed_until is None


def test_a_moderator_closes_everybodys(client: Client, service: Service) -> None:
    client.post(url(service.site, "close"), typed())
    assert Closing.objects.get().closed_by == Reporter.OUTREACH
    assert "Open again" in client.get(url(service, "change")).content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_a_stranger_finds_nothing_to_close_or_to_open(service: Service, model: str) -> None:
    browser = signed_in(an_account(Role.CLINIC_ADMIN, is_staff=True))
    row = row_of(service, model)
    closing = a_closing(row)
    missing = type(row)(pk=uuid.uuid4())
    for page, args in (("close", []), ("open_again", [closing.pk])):
        answers = [browser.post(url(one, page, *args), typed()) for one in (row, missing)]
        assert [answer.status_code for answer in answers] == [404, 404]
    assert Closing.objects.current().count() == 1


def test_another_organizations_closing_is_not_opened_on_ones_own_page(
    service: Service, staff: User
) -> None:
    foreign = a_closing(a_service())
    for pk in (foreign.pk, uuid.uuid4()):
        answer = signed_in(staff).post(url(service.site, "open_again", pk))
        assert answer.status_code == 404
    assert Closing.objects.current().exists()


@pytest.mark.parametrize("model", MODELS)
def test_looking_changes_nothing(service: Service, staff: User, model: str) -> None:
    browser, row = signed_in(staff), row_of(service, model)
    closing = a_closing(row)
    assert browser.get(url(row, "close"), typed()).status_code == 403
    assert browser.get(url(row, "open_again", closing.pk)).status_code == 403
    assert Closing.objects.current().count() == 1


def test_a_forged_form_is_refused(service: Service, staff: User) -> None:
    browser = signed_in(staff)
    browser.handler.enforce_csrf_checks = True
    assert browser.post(url(service, "close"), typed()).status_code == 403
    assert not Closing.objects.exists()


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"until": ""}, "Choose the day"),
        ({"until": "soon"}, "Choose a day"),
        ({"until": "2020-01-01T08:00"}, "over already"),
        ({"until": "2099-01-01T08:00"}, "366 days"),
        ({"reason": "x" * 201}, "at most 200"),
    ],
)
def test_what_cannot_be_is_shown_again_with_what_to_mend(
    service: Service, staff: User, other: dict[str, str], says: str
) -> None:
    said = typed(reason="<b>Flood</b>") | other
    page = signed_in(staff).post(url(service, "close"), said).content.decode()
    assert says in page
    if "reason" not in other:
        assert "&lt;b&gt;Flood&lt;/b&gt;" in page
    assert not Closing.objects.exists()


def test_a_double_tap_closes_once(service: Service, staff: User) -> None:
    browser, said = signed_in(staff), typed()
    for _ in range(2):
        assert browser.post(url(service, "close"), said).status_code == 302
    page = browser.post(url(service, "close"), said | {"reason": "Fire"})
    assert "sent before" in page.content.decode()
    assert Closing.objects.count() == 1


def test_what_is_retired_has_no_form_and_is_not_closed(service: Service, client: Client) -> None:
    retire(model=Site, pk=service.site_id)
    for row in (service, service.site):
        assert "Close until then" not in client.get(url(row, "change")).content.decode()
        assert "retired" in client.post(url(row, "close"), typed()).content.decode()
    assert not Closing.objects.exists()


def test_the_page_is_saved_as_before(client: Client, service: Service) -> None:
    a_closing(service.site)
    submit(client, url(service.site, "change"), "site_form", name="New name")
    assert Site.objects.get(pk=service.site_id).name == "New name"


def test_staff_of_who_runs_a_site_now_open_it_again(service: Service, staff: User) -> None:
    away = an_organization()
    closing = a_closing(service.site)
    Site.objects.filter(pk=service.site_id).update(organization=away)
    assert signed_in(staff).post(url(service.site, "open_again", closing.pk)).status_code == 404
    theirs = signed_in(an_account(Role.CLINIC_STAFF, away, is_staff=True))
    assert "Open again" in theirs.get(url(away, "change")).content.decode()
    theirs.post(url(service.site, "open_again", closing.pk))
    assert not Closing.objects.current().exists()


def test_the_page_asks_as_often_for_many_closings(
    client: Client, service: Service, django_assert_max_num_queries: Any
) -> None:
    for _ in range(4):
        a_closing(service)
    with django_assert_max_num_queries(19):
        client.get(url(service.site.organization, "change"))
