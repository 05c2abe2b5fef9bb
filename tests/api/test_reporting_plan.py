"""/api/v1/sites/{id}/reporting-plan/ and /api/v1/sites/{id}/report-link/"""

import json
import uuid
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from services.models import Message, Organization, ReportingPlan, ReportLink, Site
from services.reminders import remind_due
from services.vocabulary import KIND_FACTS, Kind, Role
from tests.api.conftest import Phone, phone_of
from tests.builders import a_plan, a_report, a_service, a_site, an_account, an_organization

pytestmark = pytest.mark.django_db
PLAN = {"contact_email": "desk@clinic.example", "shift_times": ["15:00", "07:00"]}


@pytest.fixture
def clinic() -> Organization:
    return an_organization()


@pytest.fixture
def site(clinic: Organization) -> Site:
    return a_site(organization=clinic)


@pytest.fixture(params=[Role.CLINIC_STAFF, Role.CLINIC_ADMIN, Role.MODERATOR])
def phone(request: Any, clinic: Organization) -> Phone:
    return phone_of(an_account(request.param, clinic))


@pytest.fixture
def staff(clinic: Organization) -> Phone:
    return phone_of(an_account(Role.CLINIC_STAFF, clinic))


def plan_of(site: Site | uuid.UUID) -> str:
    return f"/api/v1/sites/{getattr(site, 'pk', site)}/reporting-plan/"


def link_of(site: Site | uuid.UUID) -> str:
    return f"/api/v1/sites/{getattr(site, 'pk', site)}/report-link/"


def put(phone: Phone, site: Site | uuid.UUID, body: object = PLAN) -> Any:
    return phone.put(plan_of(site), json.dumps(body), content_type="application/json")


def test_a_plan_is_set_read_and_stopped(phone: Phone, site: Site) -> None:
    told = put(phone, site)
    assert told.status_code == 200
    assert told.json()["shift_times"] == ["07:00", "15:00"]
    assert told["Cache-Control"] == "no-store"
    assert phone.get(plan_of(site)).json() == told.json()
    assert phone.delete(plan_of(site)).status_code == 204
    assert phone.get(plan_of(site)).status_code == 404
    assert phone.delete(plan_of(site)).status_code == 204


def test_a_plan_is_set_whole(staff: Phone, site: Site) -> None:
    put(staff, site)
    put(staff, site, {"contact_email": "new@clinic.example"})
    plan = ReportingPlan.objects.get()
    assert (plan.contact_email, plan.shift_times) == ("new@clinic.example", [])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "contact_email"),
        ({"contact_email": None}, "contact_email"),
        ({"contact_email": "nobody"}, "contact_email"),
        ({"contact_email": "a@b.example\nBcc: c@d.example"}, "contact_email"),
        ({"contact_email": "a\0b@clinic.example"}, "contact_email"),
        ({"contact_email": "\ud800@clinic.example"}, "contact_email"),
        ({"contact_email": "x" * 300 + "@b.example"}, "contact_email"),
        (PLAN | {"shift_times": "07:00"}, "shift_times"),
        (PLAN | {"shift_times": None}, "shift_times"),
        (PLAN | {"shift_times": ["7"]}, "shift_times"),
        (PLAN | {"shift_times": ["24:00"]}, "shift_times"),
        (PLAN | {"shift_times": [7]}, "shift_times"),
        (PLAN | {"shift_times": ["07:00"] * 13}, "shift_times"),
        (PLAN | {"phone": "1"}, "phone"),
    ],
)
def test_a_plan_that_cannot_work_is_refused(
    staff: Phone, site: Site, body: dict[str, Any], field: str
) -> None:
    response = put(staff, site, body)
    assert response.status_code == 400
    assert [one["field"] for one in response.json()["errors"]] == [field]
    assert not ReportingPlan.objects.exists()


def asks(phone: Phone, site: Site | uuid.UUID) -> list[Any]:
    """Every operation on a site's plan and link."""
    return [
        phone.get(plan_of(site)),
        put(phone, site),
        phone.delete(plan_of(site)),
        phone.post(link_of(site), content_type="application/json"),
    ]


@pytest.mark.parametrize("role", [Role.CLINIC_STAFF, Role.CLINIC_ADMIN, Role.OUTREACH])
def test_a_foreign_site_is_as_good_as_missing(role: Role) -> None:
    plan = a_plan()
    phone = phone_of(an_account(role))
    for foreign, missing in zip(asks(phone, plan.site), asks(phone, uuid.uuid4()), strict=True):
        assert foreign.status_code == missing.status_code == 404
        assert foreign.content == missing.content
        assert foreign.headers == missing.headers
    assert ReportingPlan.objects.get() == plan
    assert not Message.objects.exists()


def test_a_retired_site_is_missing_too(staff: Phone, site: Site) -> None:
    a_plan(site)
    Site.objects.update(retired_at=timezone.now())
    assert {answer.status_code for answer in asks(staff, site)} == {404}


def test_without_a_token_nothing_is_told(site: Site) -> None:
    for answer in asks(Phone(), site):
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_link_is_mailed_and_told_to_nobody_else(phone: Phone, site: Site) -> None:
    a_plan(site)
    answer = phone.post(link_of(site), content_type="application/json")
    assert (answer.status_code, answer.content) == (202, b"")
    assert Message.objects.get().recipient == "desk@clinic.example"
    assert ReportLink.objects.get().site == site


def test_a_link_that_is_asked_for_twice_is_made_once(phone: Phone, site: Site) -> None:
    a_plan(site)
    with time_machine.travel("2026-11-26T12:00:00Z", tick=False):
        for _ in range(2):
            assert phone.post(link_of(site), content_type="application/json").status_code == 202
    assert (Message.objects.count(), ReportLink.objects.count()) == (1, 1)


def test_a_new_contact_is_reminded_of_what_the_old_one_was_not_yet(
    phone: Phone, site: Site
) -> None:
    a_plan(site)
    service = a_service(site, Kind.DETOX)
    now = timezone.now()
    a_report(service, ago=KIND_FACTS[Kind.DETOX].expires * 0.9)
    assert remind_due(now) == 1
    assert put(phone, site, {"contact_email": "new@clinic.example"}).status_code == 200
    assert remind_due(now) == 1
    assert Message.objects.filter(recipient="new@clinic.example").count() == 1


def test_a_link_needs_somebody_to_be_mailed_to(staff: Phone, site: Site) -> None:
    answer = staff.post(link_of(site), content_type="application/json")
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/no-reporting-plan"


def test_a_link_takes_no_fields(staff: Phone, site: Site) -> None:
    a_plan(site)
    body = {"contact_email": "elsewhere@evil.example"}
    answer = staff.post(link_of(site), body, content_type="application/json")
    assert answer.status_code == 400
    assert not Message.objects.exists()
