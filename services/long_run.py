"""How often a service can serve in the long run, learned from its own reports.

It takes the place of its kind's prior once there is something to learn from. A pure function of the
set of reports, like the evidence; what is anonymous counts nothing here, so nobody without an
account can give a service a bad name that lasts.
"""

import datetime as dt
from collections.abc import Iterable

from services.evidence import Said
from services.ranking import PRIOR_STRENGTH, fade, success_share
from services.vocabulary import KIND_FACTS, Kind, Reporter

MEMORY = dt.timedelta(days=30)  # a report weighs half as much after so long
OLDEST = 4 * MEMORY  # before the newest report; what is older is left out
MOST_REPORTS = 500  # the newest: a feed that tells every minute need not be read for ever


def long_run_chance(kind: Kind, reports: Iterable[Said]) -> float | None:
    """The share of time in which a service can serve, whatever order its reports are given in.

    Args:
        kind: its prior is worth PRIOR_STRENGTH independent reports beside them.
        reports: of one service, at least all that ``oldest_to_learn_from`` does not leave out.

    Returns:
        A chance in (0, 1); None without any report that tells one.

    Each report counts as much as it is independent of the one before, 1 − 2^(−gap / half-life) of
    the kind: twenty in an hour count little more than one. Source: docs/adr/0013-learning.md.
    """
    told = _telling(reports)
    if not told:
        return None
    minutes = KIND_FACTS[kind].half_life.total_seconds() / 60
    for_, seen, before = 0.0, 0.0, None
    for observed_at, share in told:
        gap = float("inf") if before is None else (observed_at - before).total_seconds() / 60
        left = fade.py_func(gap, MEMORY.total_seconds() / 60)
        new = 1 - fade.py_func(gap, minutes)
        for_, seen, before = for_ * left + new * share, seen * left + new, observed_at
    return (PRIOR_STRENGTH * KIND_FACTS[kind].prior + for_) / (PRIOR_STRENGTH + seen)


def oldest_to_learn_from(newest: dt.datetime) -> dt.datetime:
    """The moment before which nothing is learned from, if the newest report is of ``newest``."""
    return newest - OLDEST


def _telling(reports: Iterable[Said]) -> list[tuple[dt.datetime, float]]:
    """When and how well those went that count, oldest first."""
    known = [one for one in reports if one.reporter != Reporter.ANONYMOUS]
    newest = sorted(known, key=lambda one: (one.observed_at, one.id))[-MOST_REPORTS:]
    told = []
    for one in newest:
        share = success_share(one.state, one.remaining)
        if share is not None and one.observed_at >= oldest_to_learn_from(newest[-1].observed_at):
            told.append((one.observed_at, share))
    return told
