"""POST /api/v1/services/{id}/confirm/"""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.utils import timezone

from services.models import Organization, Service
from services.vocabulary import Role
from tests.api.conftest import Phone, phone_of
from tests.api.reporting import errors_in, send
from tests.builders import a_report, a_service, a_site, an_account, an_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Organization:
    return an_organization()


@pytest.fixture
def service(clinic: Organization) -> Service:
    return a_service(a_site(organization=clinic))


def path_of(service: Service | uuid.UUID) -> str:
    return f"/api/v1/services/{getattr(service, 'pk', service)}/confirm/"


def _told(moment: dt.datetime | None) -> str:
    assert moment is not None
    return moment.isoformat()


def test_confirming_sets_when_and_nothing_else(service: Service, clinic: Organization) -> None:
    a_report(service, remaining=2, ago=dt.timedelta(hours=3))
    before = Service.objects.values().get(pk=service.pk)
    phone = phone_of(an_account(Role.CLINIC_STAFF, clinic))
    response = send(phone, path_of(service), b"")
    assert response.status_code == 200
    after = Service.objects.values().get(pk=service.pk)
    assert after == before | {"confirmed_at": after["confirmed_at"]}
    assert response.json() == {"confirmed_at": _told(after["confirmed_at"])}
    listing = phone.get(f"/api/v1/services/{service.pk}/").json()["properties"]
    assert listing["confirmed_at"] == response.json()["confirmed_at"]


@pytest.mark.parametrize("role", [Role.OUTREACH, Role.MODERATOR])
def test_whoever_may_report_may_confirm(service: Service, role: Role) -> None:
    assert send(phone_of(an_account(role)), path_of(service), b"").status_code == 200


def test_foreign_and_missing_look_the_same(service: Service) -> None:
    unapproved = an_account(Role.OUTREACH)
    unapproved.approved_at = None
    unapproved.save()
    for account in (an_account(Role.CLINIC_ADMIN), an_account(), unapproved):
        phone = phone_of(account)
        foreign, missing = (
            send(phone, path_of(service), b""),
            send(phone, path_of(uuid.uuid4()), b""),
        )
        assert foreign.status_code == 404
        assert (foreign.content, foreign.headers) == (missing.content, missing.headers)
    service.refresh_from_db()
    assert service.confirmed_at is None


def test_a_retired_service_is_not_confirmed(service: Service, clinic: Organization) -> None:
    Service.objects.update(retired_at=timezone.now())
    phone = phone_of(an_account(Role.CLINIC_STAFF, clinic))
    assert send(phone, path_of(service), b"").status_code == 404


def test_without_a_token_nobody_confirms(service: Service) -> None:
    assert send(Phone(), path_of(service), b"").status_code == 401


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_there_is_nothing_to_send(service: Service, clinic: Organization, body: bytes) -> None:
    phone = phone_of(an_account(Role.CLINIC_STAFF, clinic))
    assert send(phone, path_of(service), body).status_code == 200
    more = send(phone, path_of(service), {"at": "now"})
    assert errors_in(more) == [("at", "unknown_field")]


def test_the_history_names_who_confirmed(service: Service, clinic: Organization) -> None:
    account: Any = an_account(Role.CLINIC_STAFF, clinic)
    send(phone_of(account), path_of(service), b"")
    event = service.events.order_by("-pgh_id")[0]  # type: ignore[attr-defined]  # of pghistory
    assert event.pgh_context.metadata["account"] == account.pk
    assert event.confirmed_at is not None
