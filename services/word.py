"""A service's latest word and its evidence: they follow from the reports and outcomes there are."""

import datetime as dt

from django.db.models import Expression, Subquery, Value
from django.db.models.functions import Greatest, Least

from services.acting import as_the_system
from services.closed import set_closings
from services.evidence import Said, Visited, oldest_that_counts, standing_of
from services.long_run import MOST_REPORTS, long_run_chance, oldest_to_learn_from
from services.models import AvailabilityReport, Service, VisitOutcome
from services.models.report import ReportQuerySet
from services.vocabulary import KIND_FACTS, Availability, Kind, Outcome, Reporter

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
    "long_run_chance",
    "closed_at",
    "closed_until",
    "closed_by",
    "updated_at",
]


@as_the_system()  # whoever said it, and however little of the rest is theirs to read
def follow(service: Service, *, may_close: bool = False) -> None:
    """Let a locked service's latest word and evidence follow from what was said of it.

    Args:
        service: its row is locked.
        may_close: a closing that had ended may hold again, since what ended it was taken back.
    """
    kind = Kind(service.kind)
    reports, outcomes = _heard_of(service, kind)
    standing = standing_of(kind, reports, outcomes)
    word = standing.word
    service.state = word.state if word else Availability.UNKNOWN
    service.remaining = word.remaining if word else None
    service.wait_days = word.wait_days if word else None
    service.note = word.note if word else ""
    service.as_of = word.observed_at if word else None
    expires = KIND_FACTS[kind].expires
    service.expires_at = word.observed_at + expires if word else None
    service.reported_by = word.reporter if word else ""
    service.disputed = standing.disputed
    service.evidence_for = standing.evidence_for
    service.evidence_against = standing.evidence_against
    service.evidence_at = standing.evidence_at
    service.long_run_chance = long_run_chance(kind, reports)
    if service.closed_at or may_close:
        set_closings([service])  # somebody may have found it otherwise since
    service.save(update_fields=LATEST_WORD)


def _heard_of(service: Service, kind: Kind) -> tuple[list[Said], list[Visited]]:
    """Reports and outcomes of a service, without those that would be left out anyway."""
    reports = AvailabilityReport.objects.standing().filter(service=service)
    outcomes = VisitOutcome.objects.filter(service=service)
    newest = reports.order_by("-observed_at").values_list("observed_at", flat=True).first()
    last = outcomes.order_by("-received_at").values_list("received_at", flat=True).first()
    if (latest := max(filter(None, (newest, last)), default=None)) is not None:
        oldest = oldest_that_counts(kind, latest)
        outcomes = outcomes.filter(received_at__gte=oldest)
    if newest is not None:
        counts = Least(Value(oldest), _first_to_learn_from(reports, newest), Value(newest))
        reports = reports.filter(observed_at__gte=counts)
    told = outcomes.values_list("received_at", "id", "outcome")
    return (
        [_said(one) for one in reports],
        [Visited(at, id_, Outcome(outcome)) for at, id_, outcome in told],
    )


def _first_to_learn_from(reports: ReportQuerySet, newest: dt.datetime) -> Expression:
    """The moment from which on reports tell a service's long-run chance, worked out by SQL."""
    by_number = reports.order_by("-observed_at").values("observed_at")
    last_of_many = Subquery(by_number[MOST_REPORTS - 1 : MOST_REPORTS])
    return Greatest(Value(oldest_to_learn_from(newest)), last_of_many)  # ignores a NULL


def _said(report: AvailabilityReport) -> Said:
    return Said(
        observed_at=report.observed_at,
        id=report.pk,
        state=Availability(report.state),
        reporter=Reporter(report.reporter),
        remaining=report.remaining,
        wait_days=report.wait_days,
        note=report.note,
    )
