"""The History page's button, and the pages by which moderators undo and take back."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from services.editing import edit_service, edit_site
from services.history import sign_history
from services.models import AvailabilityReport, Organization, Phone, Service, User
from services.past import ORGANIZATION_ROWS, SERVICE_ROWS, SITE_ROWS, Rows, change_sets
from services.vocabulary import Role
from tests.builders import a_closing, a_report, a_service, a_site, an_account, an_organization
from tests.services.admin.door import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clinic(db: None) -> Organization:
    return an_organization(name="Old")


@pytest.fixture
def service(clinic: Organization) -> Service:
    return a_service(a_site(organization=clinic, name="Old"), description="Old")


@pytest.fixture
def staff(clinic: Organization) -> User:
    return an_account(Role.CLINIC_STAFF, clinic, is_staff=True)


@pytest.fixture
def helper(db: None) -> User:
    return an_account(Role.MODERATOR, is_staff=True)


def changed(act: Callable[[], object], by: User, rows: Rows, pk: Any) -> uuid.UUID:
    """The change set of one transaction."""
    with transaction.atomic():
        sign_history(by)
        act()
    newest = change_sets(rows, pk)[0].by.id
    assert newest is not None
    return newest


def url(row: Any, page: str, **more: Any) -> str:
    return reverse(f"admin:services_{row._meta.model_name}_{page}", **more)


def history(row: Any) -> str:
    return url(row, "history", args=[row.pk])


def put_back(browser: Client, row: Any, change: uuid.UUID) -> Any:
    address = url(row, "revert", kwargs={"object_id": row.pk, "change": change})
    return browser.post(address, follow=True)


def renamed(row: Any) -> Callable[[], object]:
    def act() -> None:
        row.name = "New"
        row.save(update_fields=["name"])

    return act


@pytest.mark.parametrize("model", ["organization", "site", "service"])
def test_the_button_puts_a_change_back(service: Service, staff: User, model: str) -> None:
    rows = {"organization": ORGANIZATION_ROWS, "site": SITE_ROWS, "service": SERVICE_ROWS}[model]
    of = {"organization": service.site.organization, "site": service.site, "service": service}
    row: Any = of[model]
    before = row.name
    change = changed(renamed(row), staff, rows, row.pk)
    browser = signed_in(staff)
    assert f"/history/{change}/revert/" in browser.get(history(row)).content.decode()
    assert "1 put back" in put_back(browser, row, change).content.decode()
    row.refresh_from_db()
    assert row.name == before
    assert "nothing left" in put_back(browser, row, change).content.decode()


def test_staff_alone_do_not_bring_an_old_number_back(
    service: Service, staff: User, client: Client
) -> None:
    site = service.site

    def call_elsewhere() -> None:
        Phone.objects.filter(site=site).update(number="+12155550177")

    change = changed(call_elsewhere, staff, SITE_ROWS, site.pk)
    assert "needs a second person" in put_back(signed_in(staff), site, change).content.decode()
    assert str(Phone.objects.get(site=site).number) == "+12155550177"
    put_back(client, site, change)
    assert str(Phone.objects.get(site=site).number) == "+12155550100"


def test_a_change_of_another_listing_is_as_unknown_as_none(service: Service, staff: User) -> None:
    foreign = a_service(description="Old")
    edit = {"description": "New"}
    act = lambda: edit_service(service_id=foreign.pk, changes=edit)  # noqa: E731
    change = changed(act, staff, SERVICE_ROWS, foreign.pk)
    browser = signed_in(staff)
    answers = [put_back(browser, service, one) for one in (change, uuid.uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert put_back(browser, foreign, change).status_code == 404


def test_what_touched_other_organizations_too_is_for_moderators(
    service: Service, staff: User, client: Client
) -> None:
    foreign = a_service(description="Old")

    def both() -> None:
        for one in (service, foreign):
            edit_service(service_id=one.pk, changes={"description": "New"})

    change = changed(both, staff, SERVICE_ROWS, service.pk)
    told = put_back(signed_in(staff), service, change).content.decode()
    assert "ask a moderator" in told
    foreign.refresh_from_db()
    assert foreign.description == "New"
    put_back(client, service, change)
    foreign.refresh_from_db()
    assert foreign.description == "Old"


def test_a_report_has_no_button(service: Service, client: Client) -> None:
    a_report(service)
    Service.objects.filter(pk=service.pk).update(description="New")
    sets = change_sets(SERVICE_ROWS, service.pk)
    page = client.get(history(service)).content.decode()
    assert page.count("/revert/") == sum(one.by.id is not None for one in sets) == 0
    with transaction.atomic():
        sign_history(User.objects.get(username="moderator"))
        a_report(service)
    assert change_sets(SERVICE_ROWS, service.pk)[0].by.id is not None
    assert "/revert/" not in client.get(history(service)).content.decode()


def undo(browser: Client, account: User, since: dt.datetime | str) -> Any:
    moment = since if isinstance(since, str) else f"{since.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S}"
    return browser.post(url(account, "undo", args=[account.pk]), {"since": moment})


def a_minute_ago() -> dt.datetime:
    return timezone.now() - dt.timedelta(minutes=1)


def test_a_moderator_undoes_what_an_account_did(
    service: Service, staff: User, helper: User
) -> None:
    edit = {"name": "Vandal"}
    act = lambda: edit_site(site_id=service.site_id, changes=edit)  # noqa: E731
    changed(act, staff, SITE_ROWS, service.site_id)
    a_closing(service, account=staff)
    browser = signed_in(helper)
    chosen = {"action": "undo", "_selected_action": [staff.pk]}
    asked = browser.post(url(staff, "changelist"), chosen, follow=True)
    assert "Undo all of it" in asked.content.decode()
    service.site.refresh_from_db()
    assert service.site.name == "Vandal"
    done = undo(browser, staff, a_minute_ago())
    told = done.content.decode()
    assert "<strong>1</strong> closing ended" in told
    service.site.refresh_from_db()
    service.refresh_from_db()
    assert (service.site.name, service.closed_until) == ("Old", None)
    assert done.context["done"].change_sets == 2


@pytest.mark.parametrize(
    ("since", "says"),
    [("", "Choose the day"), ("soon", "Choose a day"), ("2099-01-01T08:00", "still to come")],
)
def test_an_undo_that_cannot_be_meant_is_shown_again(
    staff: User, helper: User, since: str, says: str
) -> None:
    assert says in undo(signed_in(helper), staff, since).content.decode()


def test_one_account_is_undone_at_a_time(staff: User, helper: User) -> None:
    chosen = {"action": "undo", "_selected_action": [staff.pk, helper.pk]}
    page = signed_in(helper).post(url(staff, "changelist"), chosen, follow=True)
    assert "Choose one account" in page.content.decode()


def test_nobody_else_undoes_or_takes_back(service: Service, staff: User) -> None:
    report = a_report(service)
    browser = signed_in(staff)
    assert undo(browser, staff, a_minute_ago()).status_code == 403
    chosen = {"action": "take_back", "_selected_action": [str(report.pk)]}
    browser.post(url(report, "changelist"), chosen)
    assert AvailabilityReport.objects.standing().exists()


def test_a_moderator_takes_a_report_back(service: Service, helper: User) -> None:
    before, wrong = a_report(service, remaining=2), a_report(service, remaining=50)
    browser = signed_in(helper)
    chosen = {"action": "take_back", "_selected_action": [str(wrong.pk)]}
    page = browser.post(url(wrong, "changelist"), chosen, follow=True)
    assert "1 taken back" in page.content.decode()
    service.refresh_from_db()
    wrong.refresh_from_db()
    assert (service.remaining, wrong.withdrawn_by) == (before.remaining, helper)
    shown = browser.get(url(wrong, "change", args=[wrong.pk]))
    assert shown.status_code == 200
