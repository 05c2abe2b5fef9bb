"""Rows of every table that forgets, each dated as a test wants it."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from axes.models import AccessAttempt, AccessAttemptExpiration, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection
from pghistory.models import Context

from services.models import (
    AvailabilityReport,
    Change,
    Claim,
    Closing,
    DeviceToken,
    HeldChange,
    HoursException,
    ImportRun,
    Invitation,
    Message,
    Reminder,
    ReportLink,
    Service,
    User,
    VisitOutcome,
)
from services.vocabulary import Outcome, Reporter, Role
from tests.builders import a_message, a_service, a_site, a_source, an_account, an_organization

Moment = dt.datetime
DAY = dt.timedelta(days=1)


def dated(row: Any, column: str, moment: Moment) -> Any:
    """The row with a column that the database, or Django, would date itself."""
    table, key = row._meta.db_table, row._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{table}" SET "{column}" = %s WHERE "{key}" = %s',  # noqa: S608
            [moment, row.pk],
        )
    return row


def a_report_of(service: Service, moment: Moment, **fields: Any) -> AvailabilityReport:
    """A report that was seen and received then."""
    return AvailabilityReport.objects.create(
        service=service, state="full", reporter=Reporter.CLINIC_STAFF, channel="api",
        observed_at=moment, received_at=moment, **fields,
    )  # fmt: skip


def _report(moment: Moment) -> Any:
    service = a_service()
    a_report_of(service, moment + DAY)
    return a_report_of(service, moment)


def _outcome(moment: Moment) -> Any:
    return VisitOutcome.objects.create(
        id=uuid.uuid4(), service=a_service(), outcome=Outcome.SERVED, received_at=moment
    )


def _change(moment: Moment) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO services_change"
            " (xid, entity, entity_id, region, moved, deleted, changed_at)"
            " VALUES (pg_current_xact_id(), 'site', %s, '', false, false, %s) RETURNING id",
            [uuid.uuid4(), moment],
        )
        return Change.objects.get(pk=cursor.fetchone()[0])


def _held(moment: Moment) -> Any:
    service = a_service()
    return HeldChange.objects.create(
        organization=service.site.organization, service=service, changes={"listed": False},
        reasons=["unlisted"], asked_as=Role.CLINIC_STAFF, asked_at=moment, due_at=moment,
        state=HeldChange.State.APPLIED, decided_at=moment,
    )  # fmt: skip


def _closing(moment: Moment) -> Any:
    return Closing.objects.create(
        organization=an_organization(), closed_by=Reporter.CLINIC_STAFF, made_at=moment - DAY,
        until=moment,
    )  # fmt: skip


def _claim(moment: Moment) -> Any:
    return Claim.objects.create(site=a_service().site, account=an_account(), until=moment)


def _run(moment: Moment) -> Any:
    run = ImportRun.objects.create(source=a_source(), feed="x", file_name="x", status="applied")
    return dated(run, "started_at", moment)


def _link(moment: Moment) -> Any:
    return ReportLink.objects.create(site=a_service().site, made_at=moment, expires_at=moment)


def _reminder(moment: Moment) -> Any:
    return Reminder.objects.create(service=a_service(), expires_at=moment)


def _message(moment: Moment) -> Any:
    message = a_message()
    Message.objects.filter(pk=message.pk).update(sent_at=moment)
    return message


def _invitation(moment: Moment) -> Any:
    return Invitation.objects.create(
        email="x@clinic.example", role=Role.OUTREACH, made_at=moment, expires_at=moment
    )


def _token(moment: Moment) -> Any:
    token, _text = DeviceToken.objects.issue(user=an_account(), name="phone")
    return dated(token, "expiry", moment)


def _session(moment: Moment) -> Any:
    return Session.objects.create(
        session_key=uuid.uuid4().hex, session_data="x", expire_date=moment
    )


def _entry(moment: Moment) -> Any:
    kind = ContentType.objects.get_for_model(User)
    entry = LogEntry.objects.create(user=an_account(), content_type=kind, action_flag=CHANGE)
    return dated(entry, "action_time", moment)


def _version(name: str) -> Callable[[Moment], Any]:
    """A version that one of the same moment has replaced."""

    def made(moment: Moment) -> Any:
        events: Any = apps.get_model("services", f"{name}Event").objects
        before = events.order_by("-pgh_id").values_list("pgh_id", flat=True).first() or 0
        TRACKED[name]()
        old, later = (events.filter(pgh_id__gt=before).order_by("pgh_id").first() for _ in range(2))
        later.pk = None
        later.save()
        dated(later, "pgh_created_at", moment)
        return dated(old, "pgh_created_at", moment)

    return made


def _exception() -> Any:
    return HoursException.objects.create(
        service=a_service(), first_day=dt.date(2026, 12, 24), last_day=dt.date(2026, 12, 26)
    )


TRACKED: dict[str, Callable[[], Any]] = {
    "Organization": an_organization,
    "Site": a_site,
    "Phone": a_site,
    "Service": a_service,
    "Hours": lambda: a_service(hours="Mo-Fr 09:00-17:00"),
    "HoursException": _exception,
    "Membership": lambda: an_account(Role.CLINIC_STAFF),
}


def _context(moment: Moment) -> Any:
    context = Context.objects.create(id=uuid.uuid4(), metadata={})
    return dated(context, "created_at", moment)


def _attempt(moment: Moment) -> Any:
    return dated(
        AccessAttempt.objects.create(username="x", failures_since_start=1), "attempt_time", moment
    )


def _access(model: Any) -> Callable[[Moment], Any]:
    return lambda moment: dated(model.objects.create(username="x"), "attempt_time", moment)


def _expiration(moment: Moment) -> Any:
    attempt = AccessAttempt.objects.create(username="x", failures_since_start=1)
    dated(attempt, "attempt_time", moment + 400 * DAY)
    return AccessAttemptExpiration.objects.create(access_attempt=attempt, expires_at=moment)


MAKERS: dict[str, Callable[[Moment], Any]] = {
    "services.Change": _change,
    "services.AvailabilityReport": _report,
    "services.VisitOutcome": _outcome,
    "services.HeldChange": _held,
    "services.Closing": _closing,
    "services.Claim": _claim,
    "services.ImportRun": _run,
    "services.ReportLink": _link,
    "services.Reminder": _reminder,
    "services.Message": _message,
    "services.Invitation": _invitation,
    "services.DeviceToken": _token,
    "sessions.Session": _session,
    "admin.LogEntry": _entry,
    "pghistory.Context": _context,
    "axes.AccessAttempt": _attempt,
    "axes.AccessLog": _access(AccessLog),
    "axes.AccessFailureLog": _access(AccessFailureLog),
    "axes.AccessAttemptExpiration": _expiration,
} | {f"services.{name}Event": _version(name) for name in TRACKED}
