"""Reports: the latest word, the evidence, and what is refused."""

import datetime as dt
import itertools
import uuid
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from services import long_run, word
from services.availability import (
    Observation,
    ReportConflictError,
    ReportRefusedError,
    report_availability,
    withdraw,
)
from services.models import AvailabilityReport, Service
from services.vocabulary import Availability, Kind, Reporter, Role
from tests.builders import a_report, a_service, an_account

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


def seen(state: Availability = Availability.AVAILABLE, **said: object) -> Observation:
    fields = {"id": uuid.uuid4(), "observed_at": timezone.now()} | said
    return Observation(state=state, **fields)  # type: ignore[arg-type]


def send(service: Service, observation: Observation) -> AvailabilityReport:
    return report_availability(
        service_id=service.pk,
        observation=observation,
        reporter=Reporter.CLINIC_STAFF,
        channel=AvailabilityReport.Channel.COMMAND,
    )[0]


def test_the_latest_word_names_its_witness_and_its_end() -> None:
    service = a_service(kind=Kind.DETOX)
    report = a_report(service, Availability.AVAILABLE, remaining=3)
    assert (service.state, service.remaining, service.reported_by) == (
        "available",
        3,
        "clinic_staff",
    )
    assert service.as_of == report.observed_at
    assert service.expires_at == report.observed_at + 12 * HOUR


def test_a_late_report_adds_faded_evidence_and_does_not_replace_the_word() -> None:
    service = a_service(kind=Kind.DETOX)
    a_report(service, Availability.FULL)
    a_report(service, Availability.AVAILABLE, ago=6 * HOUR)
    assert service.state == "full"
    assert service.evidence_for == pytest.approx(8 * 0.02 + 4 * 0.9, rel=1e-3)


def test_the_same_event_twice_is_one() -> None:
    service, observation = a_service(), seen(remaining=2)
    send(service, observation)
    before = Service.objects.values().get(pk=service.pk)
    send(service, observation)
    assert AvailabilityReport.objects.count() == 1
    assert Service.objects.values().get(pk=service.pk) == before


def test_a_clock_that_runs_ahead_is_set_back_and_its_repeat_is_the_same_event() -> None:
    service = a_service()
    observation = seen(observed_at=timezone.now() + 3 * HOUR)
    report = send(service, observation)
    assert report.observed_at < timezone.now() + dt.timedelta(minutes=6)
    assert send(service, observation) == report


def test_the_same_id_for_something_else_is_a_conflict() -> None:
    service, observation = a_service(), seen(remaining=2)
    send(service, observation)
    other = Observation(observation.id, Availability.FULL, observation.observed_at)
    with pytest.raises(ReportConflictError):
        send(service, other)
    with pytest.raises(ReportConflictError):
        send(a_service(), observation)


def test_a_report_without_a_time_was_seen_when_it_came_and_its_repeat_is_the_same_event() -> None:
    service, observation = a_service(), Observation(uuid.uuid4(), Availability.FULL)
    report = send(service, observation)
    assert report.observed_at == report.received_at
    with time_machine.travel(timezone.now() + 40 * 24 * HOUR):
        assert send(service, observation) == report


def test_a_repeat_is_known_however_late_it_comes() -> None:
    service, observation = a_service(), seen(remaining=2)
    report = send(service, observation)
    with time_machine.travel(timezone.now() + 40 * 24 * HOUR):
        assert send(service, observation) == report


@pytest.mark.parametrize("state", [Availability.AVAILABLE, Availability.LIMITED])
def test_free_while_people_wait_is_a_waitlist(state: Availability) -> None:
    assert send(a_service(), seen(state, remaining=2, wait_days=3)).state == "waitlist"


def test_what_is_taken_back_lets_the_word_before_it_speak_again() -> None:
    service = a_service(kind=Kind.DETOX)
    a_report(service, Availability.FULL, ago=HOUR)
    before = (service.state, service.as_of, service.evidence_for, service.evidence_against)
    wrong = a_report(service, Availability.AVAILABLE, remaining=9)
    moderator = an_account(Role.MODERATOR)
    mine = AvailabilityReport.objects.filter(pk=wrong.pk)
    assert withdraw(mine, by=moderator) == 1
    assert withdraw(mine, by=moderator) == 0
    service.refresh_from_db()
    after = (service.state, service.as_of, service.evidence_for, service.evidence_against)
    assert after == before
    wrong.refresh_from_db()
    assert (wrong.withdrawn_by, wrong.remaining) == (moderator, 9)


def test_without_any_standing_report_nothing_is_known() -> None:
    service = a_service()
    a_report(service)
    withdraw(AvailabilityReport.objects.all(), by=None)
    service.refresh_from_db()
    assert (service.state, service.as_of, service.reported_by) == ("unknown", None, "")
    assert (service.evidence_for, service.evidence_against) == (0, 0)


@pytest.mark.parametrize(
    ("observation", "field"),
    [
        (seen(Availability.UNKNOWN), "state"),
        (seen(remaining=0), "remaining"),
        (seen(Availability.FULL, remaining=2), "remaining"),
        (seen(remaining=-3), "remaining"),
        (seen(Availability.WAITLIST, wait_days=-1), "wait_days"),
        (seen(observed_at=timezone.now() - 31 * 24 * HOUR), "observed_at"),
        (seen(note="x" * 501), "note"),
        (seen(note="two\nlines"), "note"),
        (seen(note="a\x00b"), "note"),
    ],
)
def test_what_cannot_be_true_is_refused(observation: Observation, field: str) -> None:
    service = a_service()
    with pytest.raises(ReportRefusedError) as refusal:
        send(service, observation)
    assert refusal.value.field == field
    assert not AvailabilityReport.objects.exists()


def test_any_order_of_arrival_gives_the_same_service() -> None:
    told = [
        (Availability.AVAILABLE, 5 * HOUR),
        (Availability.FULL, 3 * HOUR),
        (Availability.LIMITED, 1 * HOUR),
    ]
    now, outcomes = timezone.now(), []
    for order in itertools.permutations(told):
        service = a_service(kind=Kind.DETOX)
        for state, ago in order:
            send(service, seen(state, observed_at=now - ago))
        service.refresh_from_db()
        outcomes.append((service.evidence_for, service.evidence_against))
        assert service.state == "limited"
    for outcome in outcomes:
        assert outcome == pytest.approx(outcomes[0], abs=1e-9)


def test_a_service_learns_its_own_chance_and_forgets_what_is_taken_back() -> None:
    service = a_service(kind=Kind.DETOX)
    for days in (3, 2, 1):
        a_report(service, Availability.FULL, ago=days * 24 * HOUR)
    learned = Service.objects.values_list("long_run_chance", flat=True).get(pk=service.pk)
    assert learned is not None
    assert learned < 0.2
    withdraw(AvailabilityReport.objects.all(), by=None)
    service.refresh_from_db()
    assert service.long_run_chance is None


def test_it_learns_from_reports_whose_evidence_faded_long_ago() -> None:
    service = a_service(kind=Kind.SUPERVISED_CONSUMPTION)
    told = [(Availability.FULL, days * 24 * HOUR) for days in (25, 20, 10)]
    for state, ago in [*told, (Availability.AVAILABLE, 0 * HOUR)]:
        a_report(service, state, ago=ago)
    shares = [0.02, 0.02, 0.02, 0.9]
    weights = [0.5 ** (days / 30) for days in (25, 20, 10, 0)]
    seen_for = sum(weight * share for weight, share in zip(weights, shares, strict=True))
    by_hand = (2 * 0.7 + seen_for) / (2 + sum(weights))
    assert service.long_run_chance == pytest.approx(by_hand, abs=1e-3)


def test_only_so_many_reports_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (word, long_run):
        monkeypatch.setattr(module, "MOST_REPORTS", 2)
    service = a_service(kind=Kind.DETOX)
    for days in (25, 24, 2, 1):
        state = Availability.FULL if days > 20 else Availability.AVAILABLE
        a_report(service, state, ago=days * 24 * HOUR)
    few = a_service(kind=Kind.DETOX)
    for days in (2, 1):
        a_report(few, ago=days * 24 * HOUR)
    assert service.long_run_chance == pytest.approx(few.long_run_chance, abs=1e-6)


def test_visitors_do_not_report() -> None:
    with pytest.raises(ReportRefusedError):
        a_report(a_service(), reporter=Reporter.ANONYMOUS)


def test_a_report_is_never_rewritten() -> None:
    a_report(a_service())
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        AvailabilityReport.objects.update(state="full")


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "available"},  # without a time
        {"state": "splendid"},
        {"kind": "spa"},
        {"access": {"walk_in": "yes"}},
        {"access": {"flies": True}},
        {"evidence_for": -1.0},
        {"evidence_for": 1.0},  # without a time
        {"long_run_chance": 0.0},
        {"long_run_chance": 1.0},
        {"min_age": 30, "max_age": 20},
        {"asam_levels": ["3.7-WM"]},  # without its edition
    ],
)
def test_the_database_refuses_what_must_not_be(wrong: dict[str, object]) -> None:
    service = a_service()
    with pytest.raises(IntegrityError), transaction.atomic():
        Service.objects.filter(pk=service.pk).update(**wrong)


def test_every_change_of_a_service_is_in_its_history() -> None:
    service = a_service()
    a_report(service, Availability.FULL)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pgh_label, state FROM services_serviceevent WHERE id = %s ORDER BY pgh_id",
            [service.pk],
        )
        assert cursor.fetchall() == [("insert", "unknown"), ("update", "full")]


def test_the_command_reports() -> None:
    service, out = a_service(kind=Kind.DETOX), StringIO()
    call_command("report", str(service.pk), "available", remaining=3, stdout=out)
    service.refresh_from_db()
    assert (service.state, service.remaining) == ("available", 3)
    assert "available, as of" in out.getvalue()


def test_the_command_says_what_to_mend() -> None:
    with pytest.raises(CommandError, match="No listed service"):
        call_command("report", str(uuid.uuid4()), "full")
    with pytest.raises(CommandError, match="--remaining"):
        call_command("report", str(a_service().pk), "full", remaining=2)
