"""Availability: reports come in, the latest word and the evidence follow. The one way to write."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from services.models import AvailabilityReport, Service, User
from services.ranking import REPORT_WEIGHT, add_evidence, success_share
from services.vocabulary import KIND_FACTS, Availability, Kind, Reporter

CLOCK_SKEW = dt.timedelta(minutes=5)  # a device's clock may run ahead by this much
OLDEST = dt.timedelta(days=30)


class ReportRefusedError(ValueError):
    """A report that cannot be true. ``field`` names what to mend, the message says how."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class ReportConflictError(Exception):
    """The same id came with another content before: two reports need two ids."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What somebody saw of a service.

    Attributes:
        id: made by the reporter's device; the same id is the same event, for ever.
        remaining: units free, of the kind's unit; None if not counted.
        wait_days: days until one may be free; None if not known.
        observed_at: when it was seen, which may be long before it is received.
    """

    id: uuid.UUID
    state: Availability
    observed_at: dt.datetime
    remaining: int | None = None
    wait_days: int | None = None
    note: str = ""

    def checked(self, now: dt.datetime) -> "Observation":
        """The observation as it may be stored.

        A count while people wait is a waitlist (Connecticut's rule: a bed counts only if nobody
        waits for it).

        Raises:
            ReportRefusedError: it contradicts itself, or is older than 30 days.
        """
        if self.state == Availability.UNKNOWN:
            raise ReportRefusedError("state", "Say what was seen; unknown is what we have already.")
        if self.observed_at < now - OLDEST:
            raise ReportRefusedError("observed_at", "Seen more than 30 days ago: too old to help.")
        for field in ("remaining", "wait_days"):
            if (getattr(self, field) or 0) < 0:
                raise ReportRefusedError(field, "A count is zero or more.")
        if self.state == Availability.AVAILABLE and self.remaining == 0:
            raise ReportRefusedError("remaining", "Available with none remaining: send “full”.")
        if self.state == Availability.FULL and self.remaining:
            raise ReportRefusedError("remaining", "Full with some remaining: send “available”.")
        waiting = self.state == Availability.AVAILABLE and bool(self.wait_days)
        return Observation(
            id=self.id,
            state=Availability.WAITLIST if waiting else self.state,
            observed_at=min(self.observed_at, now + CLOCK_SKEW),
            remaining=self.remaining,
            wait_days=self.wait_days,
            note=self.note,
        )


@transaction.atomic
def report_availability(
    *,
    service_id: uuid.UUID,
    observation: Observation,
    reporter: Reporter,
    channel: AvailabilityReport.Channel,
    account: User | None = None,
) -> AvailabilityReport:
    """Store a report and let the service's latest word and evidence follow.

    A repeat with the same id and content changes nothing. A report seen earlier than the latest
    word adds its faded evidence and does not replace the word.

    Raises:
        Service.DoesNotExist: no such listed service.
        ReportRefusedError: it cannot be true.
        ReportConflictError: the id was used for something else.
    """
    if reporter == Reporter.ANONYMOUS:  # its weight needs a limit that is not here
        raise ReportRefusedError("reporter", "Visitors' outcomes are not reports.")
    service = Service.objects.select_for_update(of=("self",)).listed().get(pk=service_id)
    now = timezone.now()
    known = AvailabilityReport.objects.filter(pk=observation.id).first()
    if known is not None:
        return _repeated(known, service, observation)
    seen = observation.checked(now)
    report = AvailabilityReport.objects.create(
        id=seen.id,
        service=service,
        state=seen.state,
        remaining=seen.remaining,
        wait_days=seen.wait_days,
        note=seen.note,
        observed_at=seen.observed_at,
        received_at=now,
        reporter=reporter,
        channel=channel,
        account=account,
    )
    _weigh(service, report)
    if service.as_of is None or seen.observed_at >= service.as_of:
        _take_at_its_word(service, report)
    service.save(update_fields=LATEST_WORD)
    return report


LATEST_WORD = [
    "state",
    "remaining",
    "wait_days",
    "note",
    "as_of",
    "expires_at",
    "reported_by",
    "disputed",
    "evidence_for",
    "evidence_against",
    "evidence_at",
    "updated_at",
]


def _repeated(
    known: AvailabilityReport, service: Service, observation: Observation
) -> AvailabilityReport:
    again = observation.checked(known.received_at)
    same = all(
        getattr(known, name) == getattr(again, name)
        for name in ("state", "remaining", "wait_days", "note", "observed_at")
    )
    if not same or known.service_id != service.pk:
        raise ReportConflictError
    return known


def _weigh(service: Service, report: AvailabilityReport) -> None:
    share = success_share(report.state, report.remaining)
    if share is None:
        return
    half_life = KIND_FACTS[Kind(service.kind)].half_life.total_seconds() / 60
    at = service.evidence_at
    service.evidence_for, service.evidence_against, _ = add_evidence(
        (service.evidence_for, service.evidence_against, at.timestamp() / 60 if at else None),
        (REPORT_WEIGHT[report.reporter], share, report.observed_at.timestamp() / 60),
        half_life,
    )
    service.evidence_at = max(filter(None, (at, report.observed_at)))


def _take_at_its_word(service: Service, report: AvailabilityReport) -> None:
    service.state = report.state
    service.remaining = report.remaining
    service.wait_days = report.wait_days
    service.note = report.note
    service.as_of = report.observed_at
    service.expires_at = report.observed_at + KIND_FACTS[Kind(service.kind)].expires
    service.reported_by = report.reporter
    service.disputed = False
