"""Reports and outcomes: who tells what of a service, how often, and how wrongly."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.ranking import success_share
from services.vocabulary import Availability, Outcome, Reporter
from tests.bench.ranking.compiling import compiled
from tests.bench.ranking.making import KINDS, Floats, Ints, Towns, Truth, doubled, is_able
from tests.bench.ranking.week import HOURS, is_usable, share_open
from tests.bench.ranking.worlds import KIND_TRUTHS, World

ROLES = [Reporter.CLINIC_STAFF, Reporter.OUTREACH, Reporter.FEED, Reporter.ANONYMOUS]
STAFF, OUTREACH, FEED, ANONYMOUS = range(4)

# What can be told, and how often it is when the service can serve and when it cannot. The last bed
# may be gone by the time it is told, and "limited" often turns out to be none.
TOLD: list[tuple[str, int | None]] = [
    (Availability.AVAILABLE.value, None),
    (Availability.AVAILABLE.value, 4),
    (Availability.AVAILABLE.value, 1),
    (Availability.LIMITED.value, None),
    (Availability.WAITLIST.value, None),
    (Availability.FULL.value, None),
    (Outcome.SERVED.value, None),
    (Outcome.TURNED_AWAY.value, None),
]
OFTEN_ABLE = np.array([0.35, 0.25, 0.15, 0.25, 0.0, 0.0])
OFTEN_UNABLE = np.array([0.0, 0.0, 0.03, 0.07, 0.30, 0.60])
LIMITED, SERVED, TURNED_AWAY = 3, 6, 7
SHARE = np.array([success_share(*told) or 0.0 for told in TOLD[:6]] + [1.0, 0.0])

NEVER = {True: 0.15, False: 0.5}  # share of clinics that never report, by diligence
LAZY_RATE = 1 / 7
UNEVEN = 0.7  # of the logarithm of the rates of clinics
OUTREACH_A_DAY = {True: 0.15, False: 0.05}
FEED_SHARE = {True: 0.25, False: 0.15}  # of services that a feed tells of, once a day
OUTCOMES_A_DAY = {True: 0.3, False: 0.1}
FEED_LAG = 12 * 60.0  # a feed's word is up to so many minutes older than it says
ANONYMOUS_WRONG = 0.1  # more than of the others


class Tellings(NamedTuple):
    """Everything told, by service and in the order of the times told.

    Attributes:
        first: where each service's begin, and after the last the number of all.
        at: minute it says of itself.
        seen: minute at which somebody saw it in truth.
        role: place in ROLES.
        what: place in TOLD.
    """

    first: Ints
    at: Floats
    seen: Floats
    role: Ints
    what: Ints


def make_tellings(world: World, towns: Towns, truth: Truth, rng: np.random.Generator) -> Tellings:
    """What is told of every service up to the search."""
    per_minute = _rates(world, towns, rng) / 1440
    until = towns.at[towns.town]
    wrong = wrong_shares(world)
    first, at, seen, role, what = _tell(truth, per_minute, towns.hours, until, wrong, rng)
    return Tellings(first, at, seen, role, what)


def wrong_shares(world: World) -> Floats:
    """Share of each role's reports that tell the opposite of what is."""
    return world.wrong + np.array([0.0, 0.0, 0.0, ANONYMOUS_WRONG])


def _rates(world: World, towns: Towns, rng: np.random.Generator) -> Floats:
    """Reports a day while open, of each service by each role."""
    count, diligent = len(towns.town), world.diligent
    kind = towns.kind[towns.town]
    rates = np.zeros((count, len(ROLES)))
    usual = np.array([KIND_TRUTHS[one].reports_a_day for one in KINDS])[kind]
    usual *= np.exp(rng.normal(0, UNEVEN, count)) * (1 if diligent else LAZY_RATE)
    rates[:, STAFF] = np.where(rng.random(count) < NEVER[diligent], 0, usual)
    rates[:, OUTREACH] = OUTREACH_A_DAY[diligent] * np.exp(rng.normal(0, UNEVEN, count))
    rates[:, FEED] = rng.random(count) < FEED_SHARE[diligent]
    rates[:, ANONYMOUS] = OUTCOMES_A_DAY[diligent] * np.exp(rng.normal(0, UNEVEN, count))
    open_ = np.array([share_open(hours) for hours in range(len(HOURS))])[towns.hours]
    rates[:, [STAFF, OUTREACH, ANONYMOUS]] /= open_[:, None]
    return rates


@compiled
def _draw(able: bool, role: int, rng: np.random.Generator) -> int:
    if role == ANONYMOUS:
        return SERVED if able else TURNED_AWAY
    often = OFTEN_ABLE if able else OFTEN_UNABLE
    dice = rng.random()
    for what in range(len(often)):
        dice -= often[what]
        if dice < 0:
            return what
    return LIMITED


@compiled
def _times(rate: float, role: int, until: float, rng: np.random.Generator) -> Floats:
    """When a role might report: a feed once a day, the others whenever."""
    if role == FEED:
        return np.arange(rng.random() * 1440, until, 1440.0) if rate > 0 else np.empty(0)
    count = rng.poisson(rate * until)
    return rng.random(count) * until


@compiled
def _tell(
    truth: Truth,
    per_minute: Floats,
    hours: Ints,
    until: Floats,
    wrong: Floats,
    rng: np.random.Generator,
) -> tuple[Ints, Floats, Floats, Ints, Ints]:
    services, roles = per_minute.shape
    first = np.zeros(services + 1, np.int64)
    at, seen = np.empty(1024), np.empty(1024)
    role, what = np.empty(1024, np.int64), np.empty(1024, np.int64)
    made = 0
    for service in range(services):
        for who in range(roles):
            for now in _times(per_minute[service, who], who, until[service], rng):
                if who != FEED and not is_usable(hours[service], now):
                    continue
                if made == len(at):
                    at, seen, role, what = doubled(at), doubled(seen), doubled(role), doubled(what)
                lag = rng.random() * FEED_LAG if who == FEED else 0.0
                at[made], seen[made], role[made] = now, max(0.0, now - lag), who
                able = is_able(truth, service, seen[made]) != (rng.random() < wrong[who])
                what[made] = _draw(able, who, rng)
                made += 1
        first[service + 1] = made
        _sort(first[service], made, at, at, seen, role, what)
    return first, at[:made], seen[:made], role[:made], what[:made]


@compiled
def _sort(
    begin: int, end: int, by: Floats, at: Floats, seen: Floats, role: Ints, what: Ints
) -> None:
    order = np.argsort(by[begin:end]) + begin
    at[begin:end], seen[begin:end] = at[order], seen[order]
    role[begin:end], what[begin:end] = role[order], what[order]


def by_time_seen(tellings: Tellings) -> Tellings:
    """The same in the order in which things were seen in truth."""
    service = np.repeat(np.arange(len(tellings.first) - 1), np.diff(tellings.first))
    order = np.lexsort((tellings.seen, service))
    columns: list[NDArray[Any]] = [column[order] for column in tellings[1:]]
    return Tellings(tellings.first, columns[0], columns[1], columns[2], columns[3])
