"""The reporting plan on a site's page, and the outbox for moderators."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from services.models import ReportingPlan, ReportLink, Site
from services.reporting_links import make_link
from services.vocabulary import Role
from tests.builders import a_message, a_plan, a_site, an_account
from tests.services.admin.door import signed_in
from tests.services.admin.forms import submit

pytestmark = pytest.mark.django_db
NEW = {
    "reporting_plan-TOTAL_FORMS": "1",
    "reporting_plan-0-contact_email": "desk@clinic.example",
    "reporting_plan-0-shift_times": "15:00, 07:00",
}


def save(client: Client, site: Site, **changes: Any) -> Any:
    page = reverse("admin:services_site_change", args=[site.pk])
    return submit(client, page, "site_form", **changes)


def test_staff_set_the_plan_of_their_site() -> None:
    site = a_site()
    staff = an_account(Role.CLINIC_STAFF, site.organization, is_staff=True)
    assert save(signed_in(staff), site, **NEW).status_code == 302
    plan = ReportingPlan.objects.get(site=site)
    assert plan.contact_email == "desk@clinic.example"
    assert plan.shift_times == [dt.time(7), dt.time(15)]


def test_a_site_saved_as_it_stands_keeps_its_plan(client: Client) -> None:
    plan = a_plan(shift_times=[dt.time(7)])
    make_link(site=plan.site, now=timezone.now())
    assert save(client, plan.site).status_code == 302
    assert ReportingPlan.objects.get() == plan
    assert ReportLink.objects.get().revoked_at is None


def test_shifts_are_shown_as_clinics_write_them(client: Client) -> None:
    plan = a_plan(shift_times=[dt.time(7), dt.time(15, 30)])
    page = client.get(reverse("admin:services_site_change", args=[plan.site.pk]))
    assert 'value="07:00,15:30"' in page.content.decode()


def test_a_plan_is_changed_and_taken_away(client: Client) -> None:
    plan = a_plan()
    make_link(site=plan.site, now=timezone.now())
    save(client, plan.site, **{"reporting_plan-0-contact_email": "new@clinic.example"})
    plan.refresh_from_db()
    assert plan.contact_email == "new@clinic.example"
    assert ReportLink.objects.get().revoked_at is not None
    save(client, plan.site, **{"reporting_plan-0-DELETE": "on"})
    assert not ReportingPlan.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"reporting_plan-0-contact_email": "nobody"},
        {"reporting_plan-0-shift_times": "seven"},
        {"reporting_plan-0-shift_times": ",".join(f"{hour}:00" for hour in range(13))},
    ],
)
def test_a_plan_that_cannot_work_is_named(client: Client, wrong: dict[str, str]) -> None:
    response = save(client, a_site(), **NEW | wrong)
    assert response.status_code == 200
    assert not ReportingPlan.objects.exists()


def test_moderators_see_the_outbox_without_its_texts(client: Client) -> None:
    message = a_message(body="https://locator.example/r/secret/")
    for page in ("changelist", "change"):
        args = [message.pk] if page == "change" else []
        response = client.get(reverse(f"admin:services_message_{page}", args=args))
        assert response.status_code == 200
        assert "desk@clinic.example" in response.content.decode()
        assert "secret" not in response.content.decode()
    assert client.get(reverse("admin:services_message_add")).status_code == 403


@pytest.mark.parametrize("state", ["waiting", "sent", "given_up"])
def test_the_outbox_is_asked_for_what_became_of_messages(client: Client, state: str) -> None:
    messages = {"waiting": a_message(), "sent": a_message(), "given_up": a_message()}
    for done in ("sent", "given_up"):
        setattr(messages[done], f"{done}_at", timezone.now())
        messages[done].save()
    listing = client.get(reverse("admin:services_message_changelist"), {"state": state})
    assert list(listing.context["cl"].queryset) == [messages[state]]
    words = {"waiting": "Waiting", "sent": "Sent", "given_up": "Given up"}
    assert f">{words[state]}</span>" in listing.content.decode()
