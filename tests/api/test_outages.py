"""While the database fails over: 503 with a time to come back, never a false 2xx, and it heals."""

from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client

from services.acting import as_the_system
from services.availability import report_availability
from services.models import AvailabilityReport, Organization, Service
from services.vocabulary import Kind, Role
from tests.api.conftest import Phone, phone_of
from tests.api.reporting import a_body, reports_of, send
from tests.builders import a_service, a_site, an_account, an_organization

JSON = "application/json"


@pytest.fixture
def clinic() -> Organization:
    return an_organization()


@pytest.fixture
def service(clinic: Organization) -> Service:
    return a_service(a_site(organization=clinic), Kind.DETOX)


@pytest.fixture
def staff(clinic: Organization) -> Phone:
    return phone_of(an_account(Role.CLINIC_STAFF, clinic))


def is_told_to_come_back(response: Any) -> None:
    assert response.status_code == 503
    assert response.json()["type"] == "/problems/unavailable"
    assert response["Retry-After"] == "5"


@pytest.mark.django_db
def test_a_server_that_is_a_standby_by_now_refuses_to_write(staff: Phone, service: Service) -> None:
    batch = {"reports": [a_body(service=str(service.pk))]}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        is_told_to_come_back(send(staff, reports_of(service), a_body()))
        is_told_to_come_back(send(staff, "/api/v1/reports/batch/", batch))
        transaction.set_rollback(True)  # so that it can be written again
    assert not AvailabilityReport.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_killed_while_writing_is_told_and_the_next_try_stores_it_once(
    staff: Phone, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(**said: Any) -> Any:
        report_availability(**said)
        with as_the_system(), connection.cursor() as cursor:  # no account may
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    body = a_body(remaining=2)
    with monkeypatch.context() as outage:
        outage.setattr("services.reporting.report_availability", killed)
        is_told_to_come_back(send(staff, reports_of(service), body))
    assert send(staff, reports_of(service), body).status_code == 201
    assert send(staff, reports_of(service), body).status_code == 200
    assert AvailabilityReport.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_pooled_connection_that_died_meanwhile_fails_nobody(
    staff: Phone, service: Service
) -> None:
    pid = backend()
    connection.close()  # it goes back to the pool
    with psycopg.connect(**connection_options()) as another:
        another.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert send(staff, reports_of(service), a_body()).status_code == 201
    assert backend() != pid


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def connection_options() -> dict[str, Any]:
    options: dict[str, Any] = connection.get_connection_params()
    return {
        name: options[name] for name in ("host", "user", "password", "dbname") if name in options
    }


@pytest.mark.django_db(transaction=True)
def test_the_admin_says_that_it_is_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError

    client.raise_request_exception = False
    monkeypatch.setattr("django.contrib.auth.get_user", away)
    answer = client.get("/admin/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "not available right now" in answer.content.decode()


@pytest.mark.django_db
def test_another_crash_of_the_admin_is_no_outage(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    client.raise_request_exception = False
    monkeypatch.setattr("django.contrib.auth.get_user", broken)
    assert client.get("/admin/").status_code == 500


@pytest.mark.django_db
@pytest.mark.usefixtures("_limits_of_its_own")
def test_a_sign_in_that_the_database_did_not_answer_is_not_counted(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError

    account = an_account(Role.OUTREACH, password="right and long enough")
    body = {"username": account.username, "password": "right and long enough", "name": "phone"}
    with monkeypatch.context() as outage:
        outage.setattr("services.models.User.objects.get_by_natural_key", away)
        for _ in range(12):
            is_told_to_come_back(client.post("/api/v1/tokens/", body, content_type=JSON))
    assert client.post("/api/v1/tokens/", body, content_type=JSON).status_code == 201
