"""What must hold before, while and after a server is away."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from tests.proofs.cluster import Cluster
from tests.proofs.failover.load import AWAY, Told
from tests.proofs.failover.promises import judge as judge_reports
from tests.proofs.outages.load import Found, MixedLoad
from tests.proofs.table import Table

LATE_MS = 250
WARM_S = 10.0  # before an outage; what comes before that is the start of the load
NOTICED_S = 3.5  # until an answer must say that it is stale: the index's own 2 s, and some leeway
WRITES_S = 10.0  # until a write must be answered
SIGNED_IN = 201


@dataclass(frozen=True)
class Times:
    """Of an outage.

    Attributes:
        began, ended: by the monotonic clock; from ``ended`` on the server comes back …
        back: … and from here on it is there.
        fresh_s, writes_s: from then until nothing was stale, and until writes worked.
        began_at: by the wall clock.
    """

    began: float
    ended: float
    back: float
    fresh_s: float
    writes_s: float
    began_at: dt.datetime


def judge(
    load: MixedLoad, times: Times, database: Cluster, *, of_database: bool, words_s: float
) -> Table:
    """All promises of one outage."""
    table = judge_reports(load, database, load.server, times.began)
    _lateness(table, load.searches, times)
    _freshness(table, load.found, times, of_database=of_database)
    if of_database:
        _call_first(table, load.found, words_s)
    _refusals(table, load, times, of_database=of_database)
    table.promise("seconds until nothing is stale", f"{times.fresh_s:.1f}", held=times.fresh_s < 30)
    table.promise("seconds until writes work", f"{times.writes_s:.1f}", held=times.writes_s < 30)
    return table


def _lateness(table: Table, searches: list[Told], times: Times) -> None:
    warm = [one for one in searches if times.began - WARM_S <= one.at < times.began - 1]
    usual = max(one.seconds for one in warm) * 1000
    amid = [one.seconds * 1000 for one in searches if times.began - 1 <= one.at <= times.ended]
    late = max(amid) - usual
    table.figure("slowest search before the outage, ms", f"{usual:.0f}")
    table.promise("slowest of the outage, later than that, ms", f"{late:.0f}", held=late <= LATE_MS)


def _freshness(table: Table, found: list[Found], times: Times, *, of_database: bool) -> None:
    surely = [one for one in found if times.began + NOTICED_S < one.told.at < times.ended]
    after = [one for one in found if one.told.at > times.back + times.fresh_s + 2]
    before = [one for one in found if one.told.at < times.began - 1]
    marked = sum(one.stale for one in surely)
    wanted = len(surely) if of_database else 0
    table.promise(
        f"marked stale, of {len(surely)} while it was away", marked, held=marked == wanted
    )
    wrong = sum(not _is_about(one, times) for one in surely if one.stale)
    table.promise("of these with an as_of that is not of that moment", wrong, held=not wrong)
    ages = [(times.began_at - one.as_of).total_seconds() for one in surely if one.as_of]
    if ages:
        table.figure("as_of before the outage, s", f"{min(ages):.1f} to {max(ages):.1f}")
    else_ = sum(one.stale for one in before + after)
    table.promise(f"marked stale, of {len(before + after)} before and after", else_, held=not else_)


def _is_about(one: Found, times: Times) -> bool:
    """Whether the answer is said to be of just before the outage began."""
    return one.as_of is not None and abs((one.as_of - times.began_at).total_seconds()) < NOTICED_S


def _call_first(table: Table, found: Iterable[Found], words_s: float) -> None:
    old = [one for one in found if one.as_of and _age(one) > words_s]
    young = [one for one in found if not one.as_of or _age(one) <= words_s]
    told = sum(one.known > 0 for one in old)
    table.promise(
        f"tell a known availability, of {len(old)} older than {words_s:.0f} s",
        told,
        held=bool(old) and not told,
    )
    table.promise("and of the younger", sum(one.known > 0 for one in young), held=any(young))


def _age(one: Found) -> float:
    assert one.at is not None
    assert one.as_of is not None
    return (one.at - one.as_of).total_seconds()


def _refusals(table: Table, load: MixedLoad, times: Times, *, of_database: bool) -> None:
    every = load.reports + load.sign_ins + load.outcomes
    slowest = max(one.seconds for one in every)
    table.promise("slowest answer to a write, s", f"{slowest:.1f}", held=slowest <= WRITES_S)
    for name, tries in (("sign-ins", load.sign_ins), ("outcomes", load.outcomes)):
        amid = [one for one in tries if times.began < one.at and one.at + one.seconds < times.ended]
        other = [one.status for one in amid if one.status != AWAY or not one.retry_after]
        table.promise(f"{name} not refused, of {len(amid)} while away", other or 0, held=not other)
        after = [one.status for one in tries if one.at > times.back + times.writes_s + 2]
        table.promise(
            f"{name} that work after",
            f"{after.count(SIGNED_IN)} of {len(after)}",
            held=SIGNED_IN in after,
        )
    if of_database:
        false = [one.status for one in load.reports if _is_amid(one, times) and one.status != AWAY]
        table.promise("reports said to be stored while away", len(false), held=not false)


def _is_amid(one: Told, times: Times) -> bool:
    """Whether it was asked and answered while the server was away for sure."""
    return times.began < one.at and one.at + one.seconds < times.ended
