"""Closing for a time over HTTP, and opening again."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.utils import timezone

from services.models import Closing, Organization, Service, Site
from services.vocabulary import Kind, Role
from tests.api.conftest import Phone, phone_of
from tests.builders import (
    PHILADELPHIA,
    a_closing,
    a_report,
    a_service,
    a_site,
    an_account,
    an_organization,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def body(**said: Any) -> dict[str, Any]:
    until = timezone.now() + DAY
    return {"id": str(uuid.uuid4()), "until": until.isoformat(), "reason": "Flood"} | said


def send(phone: Phone, path: str, sent: Any = None) -> Any:
    return phone.post(f"/api/v1/{path}", sent, content_type="application/json")


def close(phone: Phone, scope: Any, **said: Any) -> Any:
    return send(phone, f"{scope._meta.model_name}s/{scope.pk}/closings/", body(**said))


def state(service: Service) -> str:
    told = Phone().get(f"/api/v1/services/{service.pk}/").json()["properties"]["availability"]
    return str(told["state"])


@pytest.fixture
def service() -> Service:
    return a_service()


@pytest.fixture
def staff(service: Service) -> Phone:
    return phone_of(an_account(Role.CLINIC_STAFF, service.site.organization))


def test_a_site_closes_at_once_in_detail_search_and_cell_and_opens_at_its_hour(
    service: Service, staff: Phone, refresh: Any, phone: Phone
) -> None:
    until = timezone.now() + DAY
    assert close(staff, service.site, until=until.isoformat()).status_code == 201
    refresh()
    assert state(service) == "closed_temporarily"
    lat, lon = PHILADELPHIA
    asked = {"lat": lat, "lon": lon, "kinds": ["methadone"]}

    def found(**more: Any) -> dict[str, Any]:
        features = phone.search(asked | more).json()["features"]
        told: dict[str, Any] = features[0]["properties"]
        return told

    closed = found()
    assert closed["availability"]["state"] == "closed_temporarily"
    assert closed["p_open"] == 0
    cell = phone.get("/api/v1/cells/dr4e/").json()["features"]
    assert cell[0]["properties"]["availability"]["state"] == "closed_temporarily"
    later = (until + dt.timedelta(seconds=1)).isoformat()
    assert found(at=later)["p_open"] > 0
    assert found(at=later)["availability"]["state"] == "unknown"


def test_sent_again_it_is_the_same_closing(service: Service, staff: Phone) -> None:
    sent = body()
    path = f"services/{service.pk}/closings/"
    first = send(staff, path, sent)
    again = send(staff, path, sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = send(staff, path, sent | {"reason": "Fire"})
    assert (other.status_code, other.json()["type"]) == (409, "/problems/conflict")
    assert Closing.objects.count() == 1


def test_the_id_of_another_clinics_closing_is_a_conflict(service: Service, staff: Phone) -> None:
    foreign = a_closing(a_service())
    answer = close(staff, service, id=str(foreign.pk))
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")
    assert Closing.objects.get() == foreign


def test_the_organization_sees_what_is_closed_and_opens_it_again(
    service: Service, staff: Phone
) -> None:
    made = close(staff, service.site.organization).json()
    for scope in (service, service.site, service.site.organization):
        path = f"/api/v1/{scope._meta.model_name}s/{scope.pk}/closings/"
        assert staff.get(path).json() == {"results": [made]}
    path = f"closings/{made['id']}/reopen/"
    opened = send(staff, path).json()
    assert opened["reopened_at"] is not None
    assert send(staff, path).json() == opened
    assert state(service) == "unknown"
    assert staff.get(f"/api/v1/sites/{service.site_id}/closings/").json() == {"results": []}


def test_a_report_opens_the_service_it_is_about(service: Service, staff: Phone) -> None:
    close(staff, service.site.organization)
    a_report(service)
    assert state(service) == "available"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"until": "2020-01-01T00:00:00Z"}, "until"),
        ({"until": "2026-11-24T00:00:00"}, "until"),
        ({"until": None}, "until"),
        ({"until": (timezone.now() + 400 * DAY).isoformat()}, "until"),
        ({"reason": "x" * 201}, "reason"),
        ({"reason": "two\nlines"}, "reason"),
        ({"id": "no id"}, "id"),
        ({"forever": True}, "forever"),
    ],
)
def test_what_cannot_be_is_refused(
    service: Service, staff: Phone, said: dict[str, Any], field: str
) -> None:
    refused = close(staff, service, **said)
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == [field]


def test_what_is_missing_is_named(service: Service, staff: Phone) -> None:
    refused = send(staff, f"services/{service.pk}/closings/", {})
    assert {error["field"] for error in refused.json()["errors"]} == {"id", "until"}


def test_foreign_retired_and_missing_things_look_the_same(service: Service) -> None:
    strangers = [
        an_account(Role.CLINIC_ADMIN),
        an_account(Role.OUTREACH),
        an_account(),
    ]
    retired = a_service(retired_at=timezone.now())
    gone = a_site(retired_at=timezone.now())
    moderator = phone_of(an_account(Role.MODERATOR))
    answers = [close(moderator, one) for one in (retired, gone)]
    answers += [close(moderator, model(pk=uuid.uuid4())) for model in (Service, Site, Organization)]
    for account in strangers:
        phone = phone_of(account)
        answers += [close(phone, one) for one in (service, service.site, service.site.organization)]
        answers.append(phone.get(f"/api/v1/services/{service.pk}/closings/"))
        answers.append(send(phone, f"closings/{a_closing(service).pk}/reopen/"))
        answers.append(send(phone, f"closings/{uuid.uuid4()}/reopen/"))
    assert {one.status_code for one in answers} == {404}
    assert len({one.content for one in answers}) == 1


def test_without_a_token_nothing_closes(service: Service, phone: Phone) -> None:
    for refused in (
        close(phone, service),
        phone.get(f"/api/v1/services/{service.pk}/closings/"),
        send(phone, f"closings/{uuid.uuid4()}/reopen/"),
    ):
        assert refused.status_code == 401
        assert refused["WWW-Authenticate"] == "Bearer"


def test_a_moderator_closes_anybodys_and_is_not_told_as_the_clinic(service: Service) -> None:
    moderator = phone_of(an_account(Role.MODERATOR))
    assert close(moderator, service.site.organization).json()["closed_by"] == "outreach"
    assert state(service) == "closed_temporarily"


@pytest.mark.parametrize("many", [1, 6])
def test_closing_takes_the_same_queries_whatever_it_closes(
    many: int, django_assert_max_num_queries: Any
) -> None:
    home = an_organization()
    for _ in range(many):
        a_service(a_site(organization=home), Kind.NALOXONE)
    staff = phone_of(an_account(Role.CLINIC_STAFF, home))
    with django_assert_max_num_queries(22 + many):
        assert close(staff, home).status_code == 201
