"""A service's latest word and its evidence: they follow from the reports and outcomes there are."""

from services.closed import set_closings
from services.evidence import Said, Standing, Visited, oldest_that_counts, standing_of
from services.models import AvailabilityReport, Service, VisitOutcome
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
    "closed_at",
    "closed_until",
    "closed_by",
    "updated_at",
]


def follow(service: Service, *, may_close: bool = False) -> None:
    """Let a locked service's latest word and evidence follow from what was said of it.

    Args:
        service: its row is locked.
        may_close: a closing that had ended may hold again, since what ended it was taken back.
    """
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
        # What standing_of would leave out need not be read.
        oldest = oldest_that_counts(kind, latest)
        outcomes = outcomes.filter(received_at__gte=oldest)
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
