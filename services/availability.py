"""Availability: reports come in, the latest word and the evidence follow. The one way to write."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from services.closing import set_closings
from services.evidence import Said, Standing, Visited, oldest_that_counts, standing_of
from services.models import AvailabilityReport, Service, User, VisitOutcome
from services.vocabulary import KIND_FACTS, Availability, Kind, Outcome, Reporter

CLOCK_SKEW = dt.timedelta(minutes=5)  # a device's clock may run ahead by this much
OLDEST = dt.timedelta(days=30)
LONGEST_NOTE = 500  # characters
MOST = 100_000  # units or days; more is a slip of the finger


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
            if not 0 <= (getattr(self, field) or 0) <= MOST:
                raise ReportRefusedError(field, f"A count is between 0 and {MOST}.")
        if len(self.note) > LONGEST_NOTE:
            raise ReportRefusedError("note", f"At most {LONGEST_NOTE} characters.")
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
        raise ReportRefusedError("reporter", "Visitors tell outcomes, not availability.")
    service = Service.objects.select_for_update(of=("self",)).listed().get(pk=service_id)
    known = AvailabilityReport.objects.filter(pk=observation.id).first()
    if known is not None:
        return _repeated(known, service, observation, account), False
    now = timezone.now()
    seen = observation.checked(now)
    report = AvailabilityReport(
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
    _insert(report)
    _follow(service)
    return report, True


@transaction.atomic
def tell_outcome(*, id: uuid.UUID, service_id: uuid.UUID, outcome: Outcome) -> bool:  # noqa: A002 - the contract's name
    """Store what a visit came to, told without an account. False if it was stored before.

    It moves the chance a little, within bounds, and never the state that is shown.

    Raises:
        Service.DoesNotExist: no such listed service.
        ReportConflictError: the id was used for something else.
    """
    service = Service.objects.select_for_update(of=("self",)).listed().get(pk=service_id)
    known = VisitOutcome.objects.filter(pk=id).first()
    if known is not None:
        if (known.service_id, known.outcome) != (service.pk, outcome):
            raise ReportConflictError
        return False
    _insert(VisitOutcome(id=id, service=service, outcome=outcome, received_at=timezone.now()))
    _follow(service)
    return True


@transaction.atomic
def withdraw(reports: QuerySet[AvailabilityReport], *, by: User | None) -> int:
    """Take reports back, as if they had never come; they stay readable. Returns how many."""
    standing = reports.standing()  # type: ignore[attr-defined]  # a ReportQuerySet
    services = Service.objects.filter(pk__in=standing.values("service"))
    locked = list(services.select_for_update(of=("self",)).order_by("pk"))
    withdrawn: int = standing.update(withdrawn_at=timezone.now(), withdrawn_by=by)
    for service in locked:
        _follow(service, may_close=True)  # it was one of these that ended a closing
    return withdrawn


def _insert(row: AvailabilityReport | VisitOutcome) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # the same id, for another service, a moment ago
        raise ReportConflictError from None


def _repeated(
    known: AvailabilityReport, service: Service, observation: Observation, account: User | None
) -> AvailabilityReport:
    again = observation.checked(known.received_at)
    same = all(
        getattr(known, name) == getattr(again, name)
        for name in ("state", "remaining", "wait_days", "note", "observed_at")
    )
    mine = known.account_id == (account.pk if account else None)
    if not (same and mine) or known.service_id != service.pk:
        raise ReportConflictError
    return known


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
    "closed_at",
    "closed_until",
    "closed_by",
    "updated_at",
]


def _follow(service: Service, *, may_close: bool = False) -> None:
    """Let a locked service's latest word and evidence follow from what was said of it."""
    standing = _standing(service)
    word = standing.word
    service.state = word.state if word else Availability.UNKNOWN
    service.remaining = word.remaining if word else None
    service.wait_days = word.wait_days if word else None
    service.note = word.note if word else ""
    service.as_of = word.observed_at if word else None
    expires = KIND_FACTS[Kind(service.kind)].expires
    service.expires_at = word.observed_at + expires if word else None
    service.reported_by = word.reporter if word else ""
    service.disputed = standing.disputed
    service.evidence_for = standing.evidence_for
    service.evidence_against = standing.evidence_against
    service.evidence_at = standing.evidence_at
    if service.closed_at or may_close:
        set_closings([service])  # somebody may have found it otherwise since
    service.save(update_fields=LATEST_WORD)


def _standing(service: Service) -> Standing:
    kind = Kind(service.kind)
    reports = AvailabilityReport.objects.standing().filter(service=service)
    outcomes = VisitOutcome.objects.filter(service=service)
    newest = reports.order_by("-observed_at").values_list("observed_at", flat=True).first()
    last = outcomes.order_by("-received_at").values_list("received_at", flat=True).first()
    if (latest := max(filter(None, (newest, last)), default=None)) is not None:
        oldest = oldest_that_counts(kind, latest)
        outcomes = outcomes.filter(received_at__gte=oldest)
        # The word is the last report however long ago it was.
        reports = reports.filter(observed_at__gte=min(oldest, newest or oldest))
    return standing_of(
        kind,
        [
            Said(
                observed_at=one.observed_at,
                id=one.pk,
                state=Availability(one.state),
                reporter=Reporter(one.reporter),
                remaining=one.remaining,
                wait_days=one.wait_days,
                note=one.note,
            )
            for one in reports
        ],
        [
            Visited(at, id_, Outcome(outcome))
            for at, id_, outcome in outcomes.values_list("received_at", "id", "outcome")
        ],
    )
