"""POST /api/v1/reports/batch/: every report that can be stored is, and each is answered."""

import json
import uuid
from typing import Any

import pytest
from django.db import OperationalError

from api.v1 import report_batch, reports
from services.models import AvailabilityReport, Organization, Service
from services.vocabulary import Role
from tests.api.conftest import Phone, phone_of
from tests.api.reporting import a_body, errors_in, reports_of, send
from tests.builders import a_service, a_site, an_account, an_organization

pytestmark = pytest.mark.django_db
PATH = "/api/v1/reports/batch/"


@pytest.fixture
def clinic() -> Organization:
    return an_organization()


@pytest.fixture
def service(clinic: Organization) -> Service:
    return a_service(a_site(organization=clinic))


@pytest.fixture
def staff(clinic: Organization) -> Phone:
    return phone_of(an_account(Role.CLINIC_STAFF, clinic))


def an_item(service: Service, **said: Any) -> dict[str, Any]:
    return {"service": str(service.pk)} | a_body(**said)


def send_all(phone: Phone, *items: Any) -> list[dict[str, Any]]:
    response = send(phone, PATH, {"reports": items})
    assert response.status_code == 200, response.content
    results: list[dict[str, Any]] = response.json()["results"]
    return results


def statuses(results: list[dict[str, Any]]) -> list[int]:
    return [result["status"] for result in results]


def test_reports_are_answered_in_order_as_if_each_came_alone(
    staff: Phone, service: Service
) -> None:
    first, second = an_item(service, remaining=2), an_item(service, state="full")
    results = send_all(staff, first, second)
    assert statuses(results) == [201, 201]
    assert [result["id"] for result in results] == [first["id"], second["id"]]
    alone = send(staff, reports_of(service), {k: v for k, v in first.items() if k != "service"})
    assert (alone.status_code, alone.json()) == (200, results[0]["report"])


def test_the_same_twice_in_one_batch_is_a_repeat(staff: Phone, service: Service) -> None:
    item = an_item(service, remaining=2)
    results = send_all(staff, item, item, item | {"remaining": 3})
    assert statuses(results) == [201, 200, 409]
    assert results[0]["report"] == results[1]["report"]
    assert results[2]["problem"]["type"] == "/problems/conflict"


def test_a_batch_sent_again_stores_nothing_more(staff: Phone, service: Service) -> None:
    items = [an_item(service, remaining=number + 1) for number in range(5)]
    first, again = send_all(staff, *items), send_all(staff, *items)
    assert statuses(first) == [201] * 5
    assert statuses(again) == [200] * 5
    assert [result["report"] for result in first] == [result["report"] for result in again]
    assert AvailabilityReport.objects.count() == 5


def test_foreign_and_missing_services_are_not_found_and_alike(
    staff: Phone, service: Service
) -> None:
    foreign = an_item(a_service())
    missing = an_item(service) | {"service": str(uuid.uuid4())}
    results = send_all(staff, foreign, an_item(service), missing)
    assert statuses(results) == [404, 201, 404]
    assert results[0]["problem"] == results[2]["problem"]


GOOD = b'{"id": "%(id)s", "state": "full", "service": "%(service)s", '
POISONED = [
    b"null",
    b"5",
    b'"text"',
    b"[]",
    b"{}",
    b"nonsense",
    b'{"id": }',
    b"{'id': 1}",
    b'{"id": "%(id)s", "id": "%(id)s"}',
    GOOD + b'"x\\u0000": 1}',
    GOOD + b'"note": "a\\u0000b"}',
    GOOD + b'"note": "a\x00b"}',
    GOOD + b'"note": "a\\ud800b"}',
    GOOD + b'"note": "\xff\xfe"}',
    GOOD + b'"remaining": 1e400}',
    GOOD + b'"remaining": NaN}',
    GOOD + b'"remaining": 9' + b"9" * 6000 + b"}",
    GOOD + b'"remaining": -99999999999999999999}',
    b'{"id": "%(id)s", "state": "full", "service": 7}',
    b'{"id": 7, "state": "full", "service": "%(service)s"}',
    GOOD + b'"note": '
    + b"[" * 50_000 + b"]" * 50_000 + b"}",
    b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    b'{"note": "},{]["}',
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(POISONED)))
def test_one_bad_item_holds_up_no_other(staff: Phone, service: Service, number: int) -> None:
    id_, good = str(uuid.uuid4()), [json.dumps(an_item(service)).encode() for _ in range(2)]
    poison = POISONED[number].replace(b"%(id)s", id_.encode())
    poison = poison.replace(b"%(service)s", str(service.pk).encode())
    body = b'{"reports": [' + b", ".join([good[0], poison, good[1]]) + b"]}"
    results = send(staff, PATH, body).json()["results"]
    assert statuses(results) == [201, 400, 201]
    assert results[1]["problem"]["status"] == 400
    assert results[1]["id"] in (None, id_)
    assert AvailabilityReport.objects.count() == 2


def test_what_crashes_one_item_holds_up_no_other(
    staff: Phone, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = reports.stored

    def crashing(*args: Any) -> Any:
        if args[3]["note"] == "crash":
            raise ZeroDivisionError("canary")
        return real(*args)

    monkeypatch.setattr(report_batch, "stored", crashing)
    items = [an_item(service, note=note) for note in ("a", "crash", "b")]
    results = send_all(staff, *items)
    assert statuses(results) == [201, 500, 201]
    assert "canary" not in json.dumps(results)


def test_a_database_that_goes_away_in_the_middle_claims_nothing(
    staff: Phone, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, items = reports.stored, [an_item(service, remaining=n + 1) for n in range(3)]

    def away(*args: Any) -> Any:
        if args[3]["remaining"] == 2:
            raise OperationalError("connection to 10.0.0.1 failed")
        return real(*args)

    with monkeypatch.context() as broken:
        broken.setattr(report_batch, "stored", away)
        response = send(staff, PATH, {"reports": items})
    assert response.status_code == 503
    assert response["Retry-After"]
    assert statuses(send_all(staff, *items)) == [200, 201, 201]


def test_no_more_than_500_at_once(staff: Phone, service: Service) -> None:
    item = an_item(service)
    response = send(staff, PATH, {"reports": [item] * 501})
    assert response.status_code == 413
    assert response.json()["type"] == "/problems/too-many-items"
    assert "500" in response.json()["detail"]
    assert not AvailabilityReport.objects.exists()
    results = send_all(staff, *[item | {"note": "✚" * 500}] * 500)
    assert statuses(results) == [201] + [200] * 499


def test_a_body_beyond_two_megabytes_is_refused(staff: Phone) -> None:
    assert send(staff, PATH, b"x" * 2_000_001).status_code == 413


def test_an_empty_batch_is_answered_with_nothing(staff: Phone) -> None:
    assert send_all(staff) == []


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"null",
        b"[]",
        b"{",
        b'{"reports": [}',
        b'{"reports": [1}]',
        b'{"reports": [{"a": 1]}',
        b'{"reports": {}}',
        b'{"reports": 1}',
        b'{"reports": "[]"}',
        b'{"reports"}',
        b"{reports: []}",
        b'{"reports": ["',
        b'{"reports": ["\\',
        b'{"reports": [' + b"[" * 300_000,
        b'"' * 300_001,
        b'{"reports": ["' + b'\\"' * 300_000,
    ],
)
def test_a_body_that_is_no_batch_is_malformed(staff: Phone, body: bytes) -> None:
    response = send(staff, PATH, body)
    assert (response.status_code, response.json()["type"]) == (400, "/problems/malformed")


def test_a_batch_has_one_field(staff: Phone) -> None:
    assert errors_in(send(staff, PATH, b"{}")) == [("reports", "required")]
    other = send(staff, PATH, b'{"reports": [], "items": []}')
    assert errors_in(other) == [("items", "unknown_field")]
    twice = send(staff, PATH, b'{"reports": [], "reports": []}')
    assert errors_in(twice) == [("reports", "duplicate")]


def test_without_a_token_nothing_is_read(service: Service) -> None:
    response = send(Phone(), PATH, {"reports": [an_item(service)]})
    assert response.status_code == 401
    assert not AvailabilityReport.objects.exists()


def test_each_item_takes_the_same_queries(
    staff: Phone, service: Service, django_assert_num_queries: Any
) -> None:
    around, each = 4, 17
    for many in (1, 5):
        items = [an_item(service) for _ in range(many)]
        with django_assert_num_queries(around + each * many):
            assert statuses(send_all(staff, *items)) == [201] * many
