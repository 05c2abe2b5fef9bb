"""POST /api/v1/services/{id}/outcomes/: anonymous, limited, and without a trace of who told."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from services.models import Service, VisitOutcome
from services.vocabulary import Availability, Kind
from tests.api.conftest import Phone
from tests.api.reporting import errors_in, send
from tests.builders import a_report, a_service
from tests.services.mute import without_redis

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_counted_anew")]
HOUR = dt.timedelta(hours=1)


def an_outcome(outcome: str = "turned_away", **said: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "outcome": outcome} | said


def tell(service: Service | uuid.UUID, body: Any, *, by: str = "203.0.113.7") -> Any:
    path = f"/api/v1/services/{getattr(service, 'pk', service)}/outcomes/"
    return send(Phone(REMOTE_ADDR=by), path, body)


@pytest.mark.parametrize("outcome", ["served", "turned_away", "closed", "wrong_info"])
def test_an_outcome_is_stored_once_and_answered_alike(outcome: str) -> None:
    service, body = a_service(), an_outcome(outcome)
    answers = [tell(service, body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json() == {**body, "service": str(service.pk)}
    assert VisitOutcome.objects.get().outcome == outcome


def test_the_same_id_for_something_else_is_a_conflict() -> None:
    service, body = a_service(), an_outcome()
    tell(service, body)
    other = tell(service, body | {"outcome": "served"})
    assert (other.status_code, other.json()["type"]) == (409, "/problems/conflict")
    assert tell(a_service(), body).status_code == 409


def test_a_conflict_uses_nothing_up() -> None:
    service, another, body = a_service(), a_service(), an_outcome()
    tell(service, body)
    assert tell(another, body).status_code == 409
    assert tell(another, an_outcome()).status_code == 201


def test_one_outcome_of_a_service_in_a_half_life(time_machine: Any) -> None:
    time_machine.move_to("2026-11-24T12:10:00Z", tick=False)
    service = a_service(kind=Kind.DETOX)  # six hours
    body = an_outcome()
    assert tell(service, body).status_code == 201
    refused = tell(service, an_outcome())
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-requests")
    assert refused["Retry-After"] == str(5 * 3600 + 50 * 60)
    assert tell(service, body).status_code == 200
    assert tell(service, an_outcome(), by="203.0.113.8").status_code == 201
    assert tell(a_service(), an_outcome()).status_code == 201
    time_machine.shift(int(refused["Retry-After"]))
    assert tell(service, an_outcome()).status_code == 201


def test_twenty_outcomes_a_day(time_machine: Any) -> None:
    time_machine.move_to("2026-11-24T12:00:00Z", tick=False)
    bodies = [(a_service(), an_outcome()) for _ in range(20)]
    for service, body in bodies:
        assert tell(service, body).status_code == 201
    last = a_service()
    assert tell(last, an_outcome())["Retry-After"] == str(12 * 3600)
    for service, body in bodies:
        assert tell(service, body).status_code == 200
    time_machine.shift(12 * 3600)
    assert tell(last, an_outcome()).status_code == 201


def test_a_home_is_one_caller() -> None:
    service = a_service()
    assert tell(service, an_outcome(), by="2001:db8:1:2::1").status_code == 201
    assert tell(service, an_outcome(), by="2001:db8:1:2:ffff::9").status_code == 429
    assert tell(service, an_outcome(), by="2001:db8:1:3::1").status_code == 201


def test_without_redis_the_phone_keeps_it_for_later(settings: Any) -> None:
    service, body, caches = a_service(), an_outcome(), settings.CACHES
    without_redis(settings)
    response = tell(service, body)
    assert response.status_code == 503
    assert response["Retry-After"]
    assert not VisitOutcome.objects.exists()
    settings.CACHES = caches
    assert tell(service, body).status_code == 201


def test_a_missing_and_a_retired_service_look_the_same() -> None:
    retired = tell(a_service(retired_at=timezone.now()), an_outcome())
    missing = tell(uuid.uuid4(), an_outcome())
    assert retired.status_code == missing.status_code == 404
    assert (retired.content, retired.headers) == (missing.content, missing.headers)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"outcome": "splendid"}, ("outcome", "invalid_choice")),
        ({"outcome": None}, ("outcome", "invalid_choice")),
        ({"id": "1"}, ("id", "invalid_id")),
        ({"note": "x"}, ("note", "unknown_field")),
        ({"lat": 39.95}, ("lat", "unknown_field")),
    ],
)
def test_what_cannot_be_is_refused_by_field(said: dict[str, Any], error: tuple[str, str]) -> None:
    assert errors_in(tell(a_service(), an_outcome(**said))) == [error]


def test_both_fields_must_be_sent() -> None:
    assert errors_in(tell(a_service(), {})) == [("id", "required"), ("outcome", "required")]


def test_two_people_turned_away_mark_it_disputed_and_the_state_stands() -> None:
    service = a_service()
    a_report(service, Availability.AVAILABLE, remaining=3, ago=HOUR)
    for number, disputed in enumerate([False, True, True]):
        tell(service, an_outcome(), by=f"203.0.113.{number}")
        service.refresh_from_db()
        assert service.disputed is disputed
        assert (service.state, service.remaining) == ("available", 3)
        assert service.reported_by == "clinic_staff"
    a_report(service, Availability.AVAILABLE)
    assert service.disputed is False


def test_nothing_stored_or_told_knows_who_called(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    address, service = "198.51.100.123", a_service()
    answers = [tell(service, an_outcome(), by=address) for _ in range(2)]
    answers.append(tell(service, {"id": 7}, by=address))
    assert [answer.status_code for answer in answers] == [201, 429, 400]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s',  # noqa: S608
                [f"%{address}%"],
            )
            assert cursor.fetchone() == (0,), table
    logged = caplog.text + "".join(capfd.readouterr())
    for told in (*(answer.content.decode() + str(answer.headers) for answer in answers), logged):
        assert address not in told


def test_a_token_is_not_even_looked_at(django_assert_num_queries: Any) -> None:
    path = f"/api/v1/services/{a_service().pk}/outcomes/"
    phone = Phone(headers={"Authorization": "Bearer hrl_wrong"})
    with django_assert_num_queries(12):
        assert send(phone, path, an_outcome()).status_code == 201
