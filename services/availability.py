"""Availability: reports come in, the latest word and the evidence follow. The one way to write."""

import datetime as dt
import re
import uuid
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from services.models import AvailabilityReport, Service, User, VisitOutcome
from services.vocabulary import Availability, Reporter
from services.word import follow

CLOCK_SKEW = dt.timedelta(minutes=5)  # a device's clock may run ahead by this much
OLDEST = dt.timedelta(days=30)
LONGEST_NOTE = 500  # characters
MOST = 100_000  # units or days; more is a slip of the finger
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # no text has a use for these
COUNTED = (Availability.AVAILABLE, Availability.LIMITED)
NONE_FREE = (Availability.FULL, Availability.CLOSED_TEMPORARILY)


class ReportRefusedError(ValueError):
    """A report that cannot be true.

    Attributes:
        field: what to mend; the message says how.
        code: what is wrong, for programs.
    """

    def __init__(self, field: str, message: str, *, code: str) -> None:
        super().__init__(message)
        self.field = field
        self.code = code


class ReportConflictError(Exception):
    """The same id came with another content before: two reports need two ids."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What somebody saw of a service.

    Attributes:
        id: made by the reporter's device; the same id is the same event, for ever.
        remaining: units free, of the kind's unit; None if not counted.
        wait_days: days until one may be free; None if not known.
        observed_at: when it was seen, which may be long before it is received; None for the moment
            it is received. A repeat without it is therefore the same event as the first.
    """

    id: uuid.UUID
    state: Availability
    observed_at: dt.datetime | None = None
    remaining: int | None = None
    wait_days: int | None = None
    note: str = ""

    def checked(self, now: dt.datetime) -> "Observation":
        """The observation as it may be stored, received at ``now``.

        A count while people wait is a waitlist (Connecticut's rule: a bed counts only if nobody
        waits for it).

        Raises:
            ReportRefusedError: it contradicts itself, or is older than 30 days.
        """
        observed_at = min(self.observed_at or now, now + CLOCK_SKEW)
        if observed_at < now - OLDEST:
            text = "Seen more than 30 days ago: too old to help."
            raise ReportRefusedError("observed_at", text, code="too_old")
        self._check_numbers()
        self._check_words()
        waiting = self.state in COUNTED and bool(self.wait_days)
        return replace(
            self,
            state=Availability.WAITLIST if waiting else self.state,
            observed_at=observed_at.astimezone(dt.UTC),
        )

    def _check_numbers(self) -> None:
        for field in ("remaining", "wait_days"):
            if not 0 <= (getattr(self, field) or 0) <= MOST:
                text = f"A count is between 0 and {MOST}."
                raise ReportRefusedError(field, text, code="out_of_range")
        if self.state in COUNTED and self.remaining == 0:
            text = f"None remaining, and yet {self.state}: send “full”."
            raise ReportRefusedError("remaining", text, code="contradiction")
        if self.state in NONE_FREE and self.remaining:
            text = "Some remaining, and yet full or closed: send “available”."
            raise ReportRefusedError("remaining", text, code="contradiction")

    def _check_words(self) -> None:
        if self.state == Availability.UNKNOWN:
            text = "Say what was seen; unknown is what we have already."
            raise ReportRefusedError("state", text, code="invalid_choice")
        if len(self.note) > LONGEST_NOTE:
            text = f"At most {LONGEST_NOTE} characters."
            raise ReportRefusedError("note", text, code="max_length")
        if CONTROL.search(self.note):
            text = "One line of text, without control characters."
            raise ReportRefusedError("note", text, code="invalid_characters")


@transaction.atomic
def report_availability(
    *,
    service_id: uuid.UUID,
    observation: Observation,
    reporter: Reporter,
    channel: AvailabilityReport.Channel,
    account: User | None = None,
) -> tuple[AvailabilityReport, bool]:
    """Store a report and let the service's latest word and evidence follow.

    Returns:
        The report, and whether it is new: a repeat with the same id and content changes nothing.

    Raises:
        Service.DoesNotExist: no such listed service.
        ReportRefusedError: it cannot be true.
        ReportConflictError: the id was used for something else, or by somebody else.
    """
    if reporter == Reporter.ANONYMOUS:
        text = "Visitors tell outcomes, not availability."
        raise ReportRefusedError("reporter", text, code="invalid_choice")
    service = Service.objects.select_for_update(of=("self",)).listed().get(pk=service_id)
    known = AvailabilityReport.objects.filter(pk=observation.id).first()
    if known is not None:
        if not _is_repeat(known, service_id, observation, account):
            raise ReportConflictError
        known.service = service
        return known, False
    now = timezone.now()
    seen = observation.checked(now)
    report = AvailabilityReport(
        id=seen.id,
        service=service,
        state=seen.state,
        remaining=seen.remaining,
        wait_days=seen.wait_days,
        note=seen.note,
        observed_at=seen.observed_at or now,
        received_at=now,
        reporter=reporter,
        channel=channel,
        account=account,
    )
    insert_once(report)
    follow(service)
    return report, True


def stored_before(
    service_id: uuid.UUID, observation: Observation, account: User
) -> AvailabilityReport | None:
    """The report that this is a repeat of, whatever has become of its service since."""
    found = AvailabilityReport.objects.select_related("service").filter(pk=observation.id)
    return next((one for one in found if _is_repeat(one, service_id, observation, account)), None)


@transaction.atomic
def withdraw(reports: QuerySet[AvailabilityReport], *, by: User | None) -> int:
    """Take reports back, as if they had never come; they stay readable. Returns how many."""
    standing = reports.standing()  # type: ignore[attr-defined]  # a ReportQuerySet
    services = Service.objects.filter(pk__in=standing.order_by().values("service"))
    locked = list(services.select_for_update(of=("self",)).order_by("pk"))
    # What came meanwhile to a service that is not locked stays: its word could not follow.
    withdrawn: int = standing.filter(service__in=locked).update(
        withdrawn_at=timezone.now(), withdrawn_by=by
    )
    for service in locked:
        follow(service, may_close=True)  # it was one of these that ended a closing
    return withdrawn


def insert_once(row: AvailabilityReport | VisitOutcome) -> None:
    """Store what was told under an id of its own.

    Raises:
        ReportConflictError: the id was used for something else, a moment ago.
    """
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise ReportConflictError from None


def _is_repeat(
    known: AvailabilityReport,
    service_id: uuid.UUID,
    observation: Observation,
    account: User | None,
) -> bool:
    """Whether it says what is stored: as it was taken then, whatever the time is now."""
    if (known.service_id, known.account_id) != (service_id, account.pk if account else None):
        return False
    again = observation.checked(known.received_at)
    return all(
        getattr(known, name) == getattr(again, name)
        for name in ("state", "remaining", "wait_days", "note", "observed_at")
    )
