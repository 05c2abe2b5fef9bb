"""What the reports of a service come to: its latest word, its evidence, whether it is disputed.

A pure function of the set of reports and outcomes. The order in which they arrive therefore cannot
matter, and a report that is taken back leaves nothing behind.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from services.ranking import REPORT_WEIGHT, add_evidence, fade, success_share
from services.vocabulary import KIND_FACTS, Availability, Kind, Outcome, Reporter

# What is older than this many half-lives than the newest weighs nothing, to twelve digits: it is
# left out, and so are visits from then that would mark a service disputed.
HALF_LIVES = 40

MOST_ANONYMOUS = 1.0  # weight of all anonymous outcomes together, at any moment
OUTCOME_SHARE = {Outcome.SERVED: 1.0, Outcome.TURNED_AWAY: 0.0}  # the others say nothing of chances
DISPUTED_FROM = 2  # people turned away since staff or outreach last reported
WITNESSES = {Reporter.CLINIC_STAFF, Reporter.OUTREACH}

Evidence = tuple[float, float, float | None]  # for, against, the minute both count at


@dataclass(frozen=True, slots=True)
class Said:
    """A report, as far as it counts."""

    observed_at: dt.datetime
    id: uuid.UUID
    state: Availability
    reporter: Reporter
    remaining: int | None = None
    wait_days: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Visited:
    """An anonymous outcome."""

    received_at: dt.datetime
    id: uuid.UUID
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Standing:
    """What reports and outcomes come to.

    Attributes:
        word: the report that speaks; None without any.
        evidence_for, evidence_against: weights at ``evidence_at``.
        disputed: people were turned away since somebody who knows reported.
    """

    word: Said | None
    evidence_for: float
    evidence_against: float
    evidence_at: dt.datetime | None
    disputed: bool


def standing_of(kind: Kind, reports: Iterable[Said], outcomes: Iterable[Visited]) -> Standing:
    """What they come to, whatever order they are given in.

    Of two reports seen in the same instant the one with the greater id speaks: any rule will do, as
    long as it is the same everywhere.
    """
    told = sorted(reports, key=lambda one: (one.observed_at, one.id))
    visits = sorted(outcomes, key=lambda one: (one.received_at, one.id))
    ends = [*(one.observed_at for one in told[-1:]), *(one.received_at for one in visits[-1:])]
    if ends:
        oldest = oldest_that_counts(kind, max(ends))
        visits = [one for one in visits if one.received_at >= oldest]
        # The word is the last report however long ago it was.
        told = [one for one in told if one.observed_at >= min(oldest, told[-1].observed_at)]
    half_life = KIND_FACTS[kind].half_life.total_seconds() / 60
    for_, against, _ = _evidence(told, visits, half_life)
    weighed = [one.observed_at for one in told if _share_of(one) is not None]
    weighed += [one.received_at for one in visits if one.outcome in OUTCOME_SHARE]
    return Standing(
        word=told[-1] if told else None,
        evidence_for=for_,
        evidence_against=against,
        evidence_at=max(weighed, default=None),
        disputed=_is_disputed(told, visits),
    )


def oldest_that_counts(kind: Kind, newest: dt.datetime) -> dt.datetime:
    """The moment before which nothing weighs anything beside what is known at ``newest``."""
    return newest - HALF_LIVES * KIND_FACTS[kind].half_life


def _evidence(told: list[Said], visits: list[Visited], half_life: float) -> Evidence:
    evidence: Evidence = (0.0, 0.0, None)
    for report in told:
        share = _share_of(report)
        if share is not None:
            seen = REPORT_WEIGHT[report.reporter], share, _minute(report.observed_at)
            evidence = add_evidence(evidence, seen, half_life)
    anonymous: Evidence = (0.0, 0.0, None)
    for visit in visits:
        share = OUTCOME_SHARE.get(visit.outcome)
        if share is not None:
            at = _minute(visit.received_at)
            seen = _room_left(anonymous, at, half_life), share, at
            anonymous = add_evidence(anonymous, seen, half_life)
            evidence = add_evidence(evidence, seen, half_life)
    return evidence


def _share_of(report: Said) -> float | None:
    return success_share(report.state, report.remaining)


def _room_left(anonymous: Evidence, minute: float, half_life: float) -> float:
    """The weight of one more outcome: all of them together never pass MOST_ANONYMOUS."""
    for_, against, at = anonymous
    age = 0.0 if at is None else minute - at
    room = MOST_ANONYMOUS - (for_ + against) * fade.py_func(age, half_life)
    return max(0.0, min(REPORT_WEIGHT[Reporter.ANONYMOUS], room))


def _is_disputed(told: list[Said], visits: list[Visited]) -> bool:
    known = [one.observed_at for one in told if one.reporter in WITNESSES]
    since = known[-1] if known else None
    turned_away = [
        one
        for one in visits
        if one.outcome == Outcome.TURNED_AWAY and (since is None or one.received_at > since)
    ]
    return len(turned_away) >= DISPUTED_FROM


def _minute(moment: dt.datetime) -> float:
    return moment.timestamp() / 60
