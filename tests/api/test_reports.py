"""POST and GET /api/v1/services/{id}/reports/"""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from services.availability import withdraw
from services.models import AvailabilityReport, Organization, Service, User
from services.vocabulary import Availability, Kind, Role
from tests.api.conftest import Phone, phone_of
from tests.api.reporting import a_body, errors_in, reports_of, send
from tests.builders import a_report, a_service, a_site, an_account, an_organization

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def clinic() -> Organization:
    return an_organization()


@pytest.fixture
def service(clinic: Organization) -> Service:
    return a_service(a_site(organization=clinic), Kind.DETOX)


@pytest.fixture
def staff(clinic: Organization) -> Phone:
    return phone_of(an_account(Role.CLINIC_STAFF, clinic))


def test_a_report_is_stored_told_back_and_listed(staff: Phone, service: Service) -> None:
    seen = (timezone.now() - HOUR).isoformat()
    body = a_body(remaining=3, note=" Side door ", observed_at=seen)
    response = send(staff, reports_of(service), body)
    assert response.status_code == 201
    told = response.json()
    assert told | {"received_at": ""} == {
        "id": body["id"],
        "service": str(service.pk),
        "state": "available",
        "remaining": 3,
        "wait_days": None,
        "note": "Side door",
        "observed_at": seen,
        "received_at": "",
        "expires_at": (dt.datetime.fromisoformat(seen) + 12 * HOUR).isoformat(),
        "reported_by": "clinic_staff",
    }
    listing = staff.get(f"/api/v1/services/{service.pk}/").json()["properties"]
    assert listing["availability"] == {
        "state": "available",
        "remaining": 3,
        "wait_days": None,
        "note": "Side door",
        "as_of": seen,
        "expires_at": told["expires_at"],
        "reported_by": "clinic_staff",
        "disputed": False,
    }


def test_what_was_reported_is_found_by_a_search(
    staff: Phone, service: Service, refresh: Callable[[], None]
) -> None:
    refresh()
    send(staff, reports_of(service), a_body(remaining=2))
    refresh()
    found = staff.search({"lat": 39.95, "lon": -75.16, "kinds": ["detox"]}).json()["features"]
    assert found[0]["properties"]["availability"]["remaining"] == 2


@pytest.mark.parametrize("seen", [{}, {"observed_at": None}, {"observed_at": "now"}])
def test_the_same_report_again_is_the_same_answer(
    staff: Phone, service: Service, seen: dict[str, Any]
) -> None:
    if seen.get("observed_at"):
        seen = {"observed_at": timezone.now().isoformat()}
    body = a_body(remaining=3, **seen)
    first = send(staff, reports_of(service), body)
    a_report(service, Availability.FULL)
    again = send(staff, reports_of(service), body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.content == again.content
    assert AvailabilityReport.objects.filter(pk=body["id"]).count() == 1


def test_the_same_report_again_is_the_same_answer_when_its_service_is_retired(
    staff: Phone, service: Service
) -> None:
    body = a_body(observed_at=timezone.now().isoformat())
    first = send(staff, reports_of(service), body)
    Service.objects.filter(pk=service.pk).update(retired_at=timezone.now())
    again = send(staff, reports_of(service), body)
    assert (again.status_code, again.content) == (200, first.content)
    assert send(staff, reports_of(service), body | {"note": "another"}).status_code == 404
    assert send(staff, reports_of(service), a_body()).status_code == 404
    stranger = phone_of(an_account(Role.CLINIC_STAFF, an_organization()))
    assert send(stranger, reports_of(service), body).status_code == 404


def test_the_same_report_again_is_the_same_answer_to_who_left_the_clinic(
    clinic: Organization, service: Service
) -> None:
    account = an_account(Role.CLINIC_STAFF, clinic)
    body = a_body(observed_at=timezone.now().isoformat())
    first = send(phone_of(account), reports_of(service), body)
    account.memberships.all().delete()
    Service.objects.filter(pk=service.pk).update(name="renamed")
    again = send(phone_of(account), reports_of(service), body)
    assert (again.status_code, again.content) == (200, first.content)


@pytest.mark.parametrize(
    "change",
    [
        {"state": "full", "remaining": None},
        {"remaining": 4},
        {"wait_days": 2},
        {"note": "other"},
        {"observed_at": "2026-11-23T09:00:00Z"},
    ],
)
def test_the_same_id_with_another_body_is_a_conflict(
    staff: Phone, service: Service, change: dict[str, Any], time_machine: Any
) -> None:
    time_machine.move_to("2026-11-24T12:00:00Z")
    body = a_body(remaining=3)
    send(staff, reports_of(service), body)
    before = Service.objects.values().get(pk=service.pk)
    response = send(staff, reports_of(service), body | change)
    assert response.status_code == 409
    assert response.json()["type"] == "/problems/conflict"
    assert Service.objects.values().get(pk=service.pk) == before


def test_an_id_of_another_service_or_account_is_a_conflict(
    staff: Phone, service: Service, clinic: Organization
) -> None:
    body = a_body()
    send(staff, reports_of(service), body)
    other_service = a_service(a_site(organization=clinic))
    assert send(staff, reports_of(other_service), body).status_code == 409
    colleague = phone_of(an_account(Role.CLINIC_ADMIN, clinic))
    assert send(colleague, reports_of(service), body).status_code == 409


ROLES: dict[str, tuple[Role | None, bool, str | None]] = {
    # role, at the clinic whose service it is, and what its report is told to be from
    "staff": (Role.CLINIC_STAFF, True, "clinic_staff"),
    "admin": (Role.CLINIC_ADMIN, True, "clinic_staff"),
    "outreach": (Role.OUTREACH, False, "outreach"),
    "moderator": (Role.MODERATOR, False, "outreach"),
    "foreign staff": (Role.CLINIC_STAFF, False, None),
    "foreign admin": (Role.CLINIC_ADMIN, False, None),
    "nobody": (None, False, None),
}


@pytest.mark.parametrize("name", ROLES)
def test_a_role_follows_from_the_account(name: str, service: Service, clinic: Organization) -> None:
    role, own, told = ROLES[name]
    phone = phone_of(an_account(role, clinic if own else None))
    response = send(phone, reports_of(service), a_body())
    if told:
        assert response.status_code == 201
        assert response.json()["reported_by"] == told
        return
    missing = send(phone, reports_of(uuid.uuid4()), a_body())
    assert response.status_code == missing.status_code == 404
    assert (response.content, response.headers) == (missing.content, missing.headers)
    assert not AvailabilityReport.objects.exists()


def test_outreach_reports_only_once_approved(service: Service) -> None:
    account = an_account(Role.OUTREACH)
    account.approved_at = None
    account.save()
    assert send(phone_of(account), reports_of(service), a_body()).status_code == 404


def test_a_moderator_at_a_clinic_speaks_for_it(service: Service, clinic: Organization) -> None:
    account = an_account(Role.CLINIC_STAFF, clinic)
    account.role = Role.MODERATOR
    account.save()
    response = send(phone_of(account), reports_of(service), a_body())
    assert response.json()["reported_by"] == "clinic_staff"


def test_without_a_token_nobody_reports(service: Service) -> None:
    for headers in ({}, {"Authorization": "Bearer hrl_wrong"}):
        response = send(Phone(headers=headers), reports_of(service), a_body())
        assert response.status_code == 401
        assert response["WWW-Authenticate"] == "Bearer"


def test_a_retired_service_takes_no_report(staff: Phone, service: Service) -> None:
    Service.objects.update(retired_at=timezone.now())
    assert send(staff, reports_of(service), a_body()).status_code == 404


@pytest.mark.parametrize("state", ["available", "limited"])
def test_what_is_free_while_people_wait_is_a_waitlist(
    staff: Phone, service: Service, state: str
) -> None:
    response = send(staff, reports_of(service), a_body(state=state, remaining=2, wait_days=3))
    assert response.json()["state"] == "waitlist"


def test_a_clock_that_runs_ahead_is_set_back(staff: Phone, service: Service) -> None:
    ahead = (timezone.now() + 3 * HOUR).isoformat()
    body = a_body(observed_at=ahead)
    first = send(staff, reports_of(service), body)
    received = dt.datetime.fromisoformat(first.json()["received_at"])
    assert first.json()["observed_at"] == (received + dt.timedelta(minutes=5)).isoformat()
    assert send(staff, reports_of(service), body).content == first.content


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"id": "1"}, "id", "invalid_id"),
    ({"id": None}, "id", "invalid_id"),
    ({"id": "{7d444840-9dc0-11d1-b245-5ffdce74fad2}"}, "id", "invalid_id"),
    ({"state": "unknown"}, "state", "invalid_choice"),
    ({"state": "splendid"}, "state", "invalid_choice"),
    ({"state": ["available"]}, "state", "invalid_choice"),
    ({"state": "available", "remaining": 0}, "remaining", "contradiction"),
    ({"state": "limited", "remaining": 0}, "remaining", "contradiction"),
    ({"state": "full", "remaining": 1}, "remaining", "contradiction"),
    ({"state": "closed_temporarily", "remaining": 1}, "remaining", "contradiction"),
    ({"remaining": -1}, "remaining", "min_value"),
    ({"remaining": 100_001}, "remaining", "max_value"),
    ({"remaining": 10**400}, "remaining", "max_value"),
    ({"remaining": 1.5}, "remaining", "not_a_number"),
    ({"remaining": True}, "remaining", "not_a_number"),
    ({"remaining": "3"}, "remaining", "not_a_number"),
    ({"wait_days": -1}, "wait_days", "min_value"),
    ({"wait_days": 100_001}, "wait_days", "max_value"),
    ({"note": "x" * 501}, "note", "max_length"),
    ({"note": "a\nb"}, "note", "invalid_characters"),
    ({"note": "a\x00b"}, "note", "invalid_characters"),
    ({"note": "a\ud800b"}, "note", "invalid_characters"),
    ({"note": 5}, "note", "not_a_text"),
    ({"observed_at": "yesterday"}, "observed_at", "invalid_time"),
    ({"observed_at": "2026-11-24T09:00:00"}, "observed_at", "invalid_time"),
    ({"observed_at": 1764000000}, "observed_at", "invalid_time"),
    ({"observed_at": "2026-10-01T09:00:00Z"}, "observed_at", "too_old"),
    ({"observed_at": "1970-01-01T00:00:00Z"}, "observed_at", "too_far"),
    ({"reporter": "clinic_staff"}, "reporter", "unknown_field"),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_true_is_refused_by_field(
    staff: Phone, service: Service, wrong: tuple[dict[str, Any], str, str], time_machine: Any
) -> None:
    time_machine.move_to("2026-11-24T12:00:00Z")
    said, field, code = wrong
    assert errors_in(send(staff, reports_of(service), a_body(**said))) == [(field, code)]
    assert not AvailabilityReport.objects.exists()


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("Transfer-Encoding", "chunked", "length_required"),
        ("Content-Encoding", "gzip", "compressed"),
    ],
)
def test_a_body_that_would_look_empty_or_garbled_is_refused_with_what_to_do(
    staff: Phone, service: Service, header: str, value: str, code: str
) -> None:
    response = staff.post(
        reports_of(service), a_body(), content_type="application/json", headers={header: value}
    )
    assert errors_in(response) == [("", code)]
    assert not AvailabilityReport.objects.exists()


def test_what_is_missing_is_named_together_with_what_is_wrong(
    staff: Phone, service: Service
) -> None:
    response = send(staff, reports_of(service), {"remaining": -1})
    assert errors_in(response) == [
        ("id", "required"),
        ("state", "required"),
        ("remaining", "min_value"),
    ]


def test_a_refusal_repeats_nothing_that_was_sent(staff: Phone, service: Service) -> None:
    response = send(staff, reports_of(service), a_body(note="canary\n", state="canary"))
    assert b"canary" not in response.content


def test_the_longest_note_is_taken(staff: Phone, service: Service) -> None:
    response = send(staff, reports_of(service), a_body(note="✚" * 500))
    assert response.status_code == 201
    assert response.json()["note"] == "✚" * 500


def test_a_report_takes_the_same_queries_however_many_there_are(
    staff: Phone, service: Service, django_assert_num_queries: Any
) -> None:
    for _ in range(2):
        with django_assert_num_queries(21):
            assert send(staff, reports_of(service), a_body()).status_code == 201
        for _ in range(9):
            a_report(service)


def test_the_history_names_who_reported(service: Service, clinic: Organization) -> None:
    account = an_account(Role.CLINIC_STAFF, clinic)
    send(phone_of(account), reports_of(service), a_body())
    event = service.events.order_by("-pgh_id")[0]  # type: ignore[attr-defined]  # of pghistory
    assert event.pgh_context.metadata["account"] == account.pk


# --- GET ----------------------------------------------------------------------------------------


def test_reports_are_listed_newest_first_by_role(phone: Phone, service: Service) -> None:
    for hours in (2, 0, 1):
        a_report(service, remaining=hours + 1, ago=hours * HOUR)
    page = phone.get(reports_of(service)).json()
    assert [report["remaining"] for report in page["results"]] == [1, 2, 3]
    assert {report["reported_by"] for report in page["results"]} == {"clinic_staff"}
    assert all("account" not in report for report in page["results"])


def test_pages_of_reports_follow_each_other_also_within_one_instant(
    phone: Phone, staff: Phone, service: Service
) -> None:
    now = timezone.now()
    sent = []
    for number in range(7):
        body = a_body(observed_at=(now - (number // 4) * HOUR).isoformat())
        assert send(staff, reports_of(service), body).status_code == 201
        sent.append(body["id"])
    seen: list[str] = []
    path: str | None = reports_of(service) + "?limit=2"
    while path:
        page = phone.get(path).json()
        seen += [report["id"] for report in page["results"]]
        path = page["next"]
    assert sorted(seen) == sorted(sent)
    assert set(seen[:4]) == set(sent[:4])


def test_only_staff_and_moderators_see_which_account_reported(
    phone: Phone, service: Service, clinic: Organization
) -> None:
    outreach = an_account(Role.OUTREACH)
    send(phone_of(outreach), reports_of(service), a_body())

    def accounts_told_to(client: Phone) -> set[Any]:
        results = client.get(reports_of(service)).json()["results"]
        return {report.get("account", "untold") for report in results}

    for told in (an_account(Role.CLINIC_STAFF, clinic), an_account(Role.MODERATOR)):
        assert accounts_told_to(phone_of(told)) == {outreach.username}
    foreign: list[User] = [an_account(Role.CLINIC_ADMIN), outreach, an_account()]
    for client in (phone, *map(phone_of, foreign)):
        assert accounts_told_to(client) == {"untold"}


def test_an_answer_with_names_is_not_for_shared_caches(
    phone: Phone, staff: Phone, service: Service
) -> None:
    assert phone.get(reports_of(service))["Cache-Control"] == "public, no-cache"
    answer = staff.get(reports_of(service))
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["Vary"] == "Authorization"


def test_a_withdrawn_report_is_marked_and_its_note_kept_from_the_public(
    phone: Phone, staff: Phone, service: Service
) -> None:
    a_report(service, note="something vile")
    withdraw(AvailabilityReport.objects.all(), by=None)
    public = phone.get(reports_of(service)).json()["results"][0]
    assert (public["withdrawn"], public["note"]) == (True, "")
    assert staff.get(reports_of(service)).json()["results"][0]["note"] == "something vile"


def test_reports_of_the_retired_and_the_missing_are_not_found(
    phone: Phone, staff: Phone, service: Service
) -> None:
    Service.objects.update(retired_at=timezone.now())
    for client in (phone, staff):
        retired, missing = client.get(reports_of(service)), client.get(reports_of(uuid.uuid4()))
        assert retired.status_code == 404
        assert (retired.content, retired.headers) == (missing.content, missing.headers)


def test_a_bad_token_is_refused_even_where_none_is_needed(service: Service) -> None:
    client = Phone(headers={"Authorization": "Bearer hrl_wrong"})
    assert client.get(reports_of(service)).status_code == 401


@pytest.mark.parametrize("query", ["cursor=x", "cursor=cD14", "limit=0", "limit=101", "page=2"])
def test_wrong_parameters_of_the_list_are_named(phone: Phone, service: Service, query: str) -> None:
    response = phone.get(f"{reports_of(service)}?{query}")
    assert [field for field, _code in errors_in(response)] == [query.partition("=")[0]]


@pytest.mark.parametrize("many", [1, 12])
def test_a_list_takes_the_same_queries_however_long(
    phone: Phone, staff: Phone, service: Service, django_assert_num_queries: Any, many: int
) -> None:
    for _ in range(many):
        a_report(service)
    with django_assert_num_queries(2):
        assert len(phone.get(reports_of(service)).json()["results"]) == many
    with django_assert_num_queries(5):
        staff.get(reports_of(service))
