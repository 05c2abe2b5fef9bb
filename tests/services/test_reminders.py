"""Clinics are asked before a word expires: at a shift, once, and not when it is settled."""

import datetime as dt
import re
import threading
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import structlog
from django.core import mail
from django.db import IntegrityError, connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as some

from services.availability import withdraw
from services.closing import Claim, close
from services.delivery import deliver_due
from services.models import AvailabilityReport, Message, Reminder, ReportingPlan, Service
from services.outbox import enqueue
from services.purging import purge
from services.reminders import remind_at, remind_due
from services.reporting_links import link_behind
from services.reporting_plans import set_plan, stop_plan
from services.tasks import remind_clinics
from services.vocabulary import Availability, Kind, Reporter
from tests.builders import a_plan, a_report, a_service, a_site

HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
PHILADELPHIA = "America/New_York"


def at(text: str, zone: str = PHILADELPHIA) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("as_of", "hours", "shifts", "expected"),
    [
        ("2026-11-23 08:00", 48, ["07:00", "15:00"], "2026-11-25 07:00"),
        ("2026-11-23 08:00", 12, ["07:00", "15:00"], "2026-11-23 15:00"),
        ("2026-11-23 20:00", 12, ["23:30"], "2026-11-23 23:30"),  # before midnight, ends after
        ("2026-11-23 08:00", 12, ["20:00"], "2026-11-23 17:00"),  # at the end is too late
        ("2026-11-23 08:00", 12, ["19:45"], "2026-11-23 19:45"),  # 15 minutes before it is not
        ("2026-11-23 08:00", 12, ["19:46"], "2026-11-23 17:00"),
        ("2026-11-23 08:00", 12, ["08:00"], "2026-11-23 17:00"),  # the shift that said it
        ("2026-11-23 08:00", 12, [], "2026-11-23 17:00"),  # a quarter of its life ahead
        ("2026-11-23 08:00", 48, [], "2026-11-25 04:00"),  # at most four hours
        ("2026-11-23 08:00", 0.5, [], "2026-11-23 08:15"),  # at least 15 minutes
        # The clock skips from 2 to 3: 02:30 is 03:30 that night.
        ("2026-03-07 20:00", 12, ["02:30"], "2026-03-08 03:30"),
        # 01:30 comes twice that night: the first is in summer time.
        ("2026-10-31 20:00", 12, ["01:30"], "2026-11-01 01:30"),
    ],
)
def test_a_reminder_comes_at_the_last_shift_before_the_end(
    as_of: str, hours: float, shifts: list[str], expected: str
) -> None:
    said = at(as_of)
    ends = said.astimezone(dt.UTC) + hours * HOUR
    times = [dt.time.fromisoformat(shift) for shift in shifts]
    assert remind_at(said, ends, times, PHILADELPHIA) == at(expected).astimezone(dt.UTC)


@given(
    as_of=some.integers(0, 365 * 24 * 60).map(lambda minute: at("2026-01-01") + minute * MINUTE),
    minutes=some.integers(30, 14 * 24 * 60),
    shifts=some.lists(some.times(), max_size=4),
    zone=some.sampled_from([PHILADELPHIA, "Asia/Kolkata", "Pacific/Apia", "America/St_Johns"]),
)
def test_a_reminder_always_leaves_time_to_answer(
    as_of: dt.datetime, minutes: int, shifts: list[dt.time], zone: str
) -> None:
    ends = as_of + minutes * MINUTE
    assert as_of < remind_at(as_of, ends, shifts, zone) <= ends - 15 * MINUTE


def a_told_service(ends_in: dt.timedelta = 10 * MINUTE, **fields: Any) -> Service:
    """A detox service of a planned site; its word ends soon."""
    if "site" not in fields:
        fields["site"] = a_plan().site
    service = a_service(kind=Kind.DETOX, **fields)
    a_report(service, ago=12 * HOUR - ends_in, remaining=3)
    return service


@pytest.mark.django_db
def test_a_clinic_is_asked_before_its_word_expires() -> None:
    service = a_told_service()
    assert remind_due(timezone.now()) == 1
    deliver_due(timezone.now())
    [sent] = mail.outbox
    assert sent.to == [service.site.reporting_plan.contact_email]
    assert sent.subject == f"Still true? {service.site.name}"
    assert "Withdrawal management (detox): Available, 3 free. Told until" in sent.body
    [token] = re.findall(r"/r/(\S+)/\n", str(sent.body))
    assert link_behind(token, timezone.now()).site == service.site


@pytest.mark.django_db
def test_a_mail_is_plain_text_with_short_lines() -> None:
    a_told_service()
    remind_due(timezone.now())
    lines = Message.objects.get().body.splitlines()
    assert all(len(line) <= 78 for line in lines if "http" not in line and ":" not in line)


@pytest.mark.django_db
def test_nobody_is_asked_too_early() -> None:
    a_told_service(ends_in=6 * HOUR)  # of twelve: asked three hours ahead
    assert remind_due(timezone.now()) == 0
    assert remind_due(timezone.now() + 3 * HOUR) == 1


@pytest.mark.django_db
def test_one_expiry_is_asked_about_once() -> None:
    a_told_service()
    assert remind_due(timezone.now()) == 1
    assert remind_due(timezone.now()) == 0
    assert remind_due(timezone.now() + 5 * MINUTE) == 0
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_the_next_word_is_asked_about_again() -> None:
    service = a_told_service()
    remind_due(timezone.now())
    a_report(service)
    assert remind_due(timezone.now() + 11 * HOUR) == 1
    assert Reminder.objects.count() == 2


@pytest.mark.django_db
def test_the_same_expiry_twice_cannot_be_stored() -> None:
    service = a_told_service()
    remind_due(timezone.now())
    with pytest.raises(IntegrityError):
        Reminder.objects.create(service=service, expires_at=service.expires_at or timezone.now())


@pytest.mark.django_db
def test_a_beat_that_comes_late_still_asks_while_the_word_holds() -> None:
    a_told_service(ends_in=2 * MINUTE)
    assert remind_clinics() == 1


@pytest.mark.django_db
def test_after_the_expiry_nobody_is_asked() -> None:
    a_told_service(ends_in=-MINUTE)
    assert remind_due(timezone.now()) == 0


@pytest.mark.django_db
def test_without_a_plan_nobody_is_asked() -> None:
    a_told_service(site=a_site())
    assert remind_due(timezone.now()) == 0


@pytest.mark.django_db
def test_nobody_is_asked_about_a_service_that_is_retired() -> None:
    a_told_service(retired_at=None)
    Service.objects.update(retired_at=timezone.now())
    assert remind_due(timezone.now()) == 0


@pytest.mark.django_db
def test_nobody_is_asked_about_a_service_that_is_closed() -> None:
    shut(a_told_service())
    assert remind_due(timezone.now()) == 0


def shut(service: Service) -> None:
    claim = Claim(id=service.pk, until=timezone.now() + HOUR)
    close(scope=service, claim=claim, closed_by=Reporter.CLINIC_STAFF, account=None)


@pytest.mark.django_db
def test_services_of_a_site_that_are_due_together_share_a_mail_and_a_link() -> None:
    site = a_plan().site
    a_told_service(site=site)
    other = a_service(site, Kind.SYRINGE_SERVICES)  # of 24 hours: asked four hours ahead
    a_report(other, Availability.FULL, ago=24 * HOUR - 4 * HOUR - 20 * MINUTE)
    later = a_service(site, Kind.NALOXONE)
    a_report(later, ago=HOUR)
    assert remind_due(timezone.now()) == 1
    [message] = Message.objects.all()
    assert "Withdrawal management" in message.body
    assert "Syringe services program: Full" in message.body
    assert "Naloxone" not in message.body
    assert message.body.count("/r/") == 1
    assert message.reminders.count() == 2


@pytest.mark.django_db
def test_sites_are_asked_apart() -> None:
    a_told_service()
    a_told_service()
    assert remind_due(timezone.now()) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("settled", ["reported", "closed", "withdrawn", "retired", "plan ended"])
def test_what_is_settled_before_the_mail_leaves_is_not_asked(settled: str) -> None:
    service = a_told_service()
    remind_due(timezone.now())
    settlements: dict[str, Callable[[], object]] = {
        "reported": lambda: a_report(service),
        "closed": lambda: shut(service),
        "withdrawn": lambda: withdraw(AvailabilityReport.objects.all(), by=None),
        "retired": lambda: Service.objects.update(retired_at=timezone.now()),
        "plan ended": lambda: stop_plan(site=service.site),
    }
    settlements[settled]()
    assert deliver_due(timezone.now()) == 0
    assert mail.outbox == []
    assert Message.objects.get().given_up_at is not None


@pytest.mark.django_db
def test_a_contact_that_changed_before_the_mail_left_is_asked_instead() -> None:
    service = a_told_service()
    remind_due(timezone.now())
    set_plan(site=service.site, contact_email="new@clinic.example", shift_times=[])
    remind_due(timezone.now())
    deliver_due(timezone.now())
    assert [one.to for one in mail.outbox] == [["new@clinic.example"]]


@pytest.mark.django_db
def test_one_sites_trouble_does_not_keep_others_from_their_reminder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad, good = a_told_service(), a_told_service()
    ReportingPlan.objects.filter(site=bad.site).update(contact_email="x" * 254)

    def picky(**fields: Any) -> Message:
        if fields["recipient"].startswith("xxx"):
            raise RuntimeError(fields["recipient"])
        return enqueue(**fields)

    monkeypatch.setattr("services.reminders.enqueue", picky)
    with structlog.testing.capture_logs() as logs:
        assert remind_due(timezone.now()) == 1
    assert Reminder.objects.get().service == good
    assert "xxx" not in str(logs)


@pytest.mark.django_db
@pytest.mark.parametrize("many", [1, 6])
def test_looking_for_what_is_due_takes_one_query(django_assert_num_queries: Any, many: int) -> None:
    for _ in range(many):
        a_told_service(ends_in=11 * HOUR)
    with django_assert_num_queries(1):
        assert remind_due(timezone.now()) == 0


@pytest.mark.django_db
def test_reminders_are_forgotten_after_a_month() -> None:
    a_told_service()
    remind_due(timezone.now())
    now = timezone.now() + dt.timedelta(days=29)
    assert purge("services.Reminder", now) == 0
    assert purge("services.Reminder", now + dt.timedelta(days=2)) == 1


@pytest.mark.django_db(transaction=True)
def test_beats_in_parallel_ask_once() -> None:
    a_told_service()
    ready = threading.Barrier(6)

    def beat() -> None:
        ready.wait(10)
        try:
            remind_due(timezone.now())
        finally:
            connection.close()

    threads = [threading.Thread(target=beat) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Message.objects.count() == 1
    assert Reminder.objects.count() == 1
