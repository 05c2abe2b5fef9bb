"""Minutes and visits of every order in a world, as ratios to the oracle."""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.ranking import WAIT_WEIGHT
from services.vocabulary import KIND_FACTS, Availability
from tests.bench.ranking.believing import PRODUCT, Model, believe, know_the_rates
from tests.bench.ranking.making import (
    KINDS,
    SEARCHERS,
    Floats,
    Towns,
    Truth,
    make_towns,
    make_truth,
)
from tests.bench.ranking.orders import (
    AGAIN,
    DISTANCE,
    IDEAL,
    IDEAL_AGAIN,
    LATEST,
    OPEN,
    OPEN_LATEST,
    RANKED,
)
from tests.bench.ranking.telling import (
    ANONYMOUS,
    TOLD,
    Tellings,
    make_tellings,
    wrong_shares,
)
from tests.bench.ranking.visiting import GIVES_UP, Trips, oracle_minutes, send
from tests.bench.ranking.worlds import World

OURS, ASKED_AGAIN = "this ranking", "this ranking, asked again"
KNOWS_THE_RATES, KNOWS_AGAIN = "knows the rates", "knows the rates, asked again"
ORDERS = {
    "distance": DISTANCE,
    "open, distance": OPEN,
    "says available, distance": LATEST,
    "open, says available, distance": OPEN_LATEST,
    OURS: RANKED,
    ASKED_AGAIN: AGAIN,
    KNOWS_THE_RATES: IDEAL,
    KNOWS_AGAIN: IDEAL_AGAIN,
}
ITS_ROUTE, ITS_BELIEF = "with its route", "with its belief"
PARTS = {ITS_ROUTE: IDEAL, ITS_BELIEF: RANKED}
RESAMPLES = 400


@dataclass(frozen=True, slots=True)
class Made:
    """A world that was made: what is true and what is told in it."""

    world: World
    towns: Towns
    truth: Truth
    tellings: Tellings
    oracle: Floats
    oracle_clock: Floats

    @property
    def solvable(self) -> NDArray[np.bool_]:
        """Searches that somebody who knows everything ends within GIVES_UP minutes."""
        solvable: NDArray[np.bool_] = self.oracle <= GIVES_UP
        return solvable


@dataclass(frozen=True, slots=True)
class Measured:
    """One order in one world, over all searches that could be solved.

    Attributes:
        ratio: mean minutes over the oracle's mean minutes.
        error: standard error of the ratio, from towns drawn again.
        clock_ratio: the same by the clock, against an oracle that minimises that.
        visits: mean, which is their ratio to the oracle's: it goes to one door.
        served: share of searches.
    """

    ratio: float
    error: float
    clock_ratio: float
    visits: float
    served: float


def make(world: World, *, towns: int, seed: int) -> Made:
    """Make a world. The same world and seed give the same."""
    rng = np.random.default_rng([seed, zlib.crc32(world.name.encode())])
    made = make_towns(world, towns, rng)
    truth = make_truth(made, rng)
    tellings = make_tellings(world, made, truth, rng)
    oracle = oracle_minutes(made, truth, WAIT_WEIGHT)
    return Made(world, made, truth, tellings, oracle, oracle_minutes(made, truth, 1.0))


def trips_of(made: Made, order: str, model: Model = PRODUCT) -> Trips:
    """Send a world's searchers along an order."""
    if order in (KNOWS_THE_RATES, KNOWS_AGAIN, ITS_BELIEF):
        belief = know_the_rates(made.towns, made.tellings, wrong_shares(made.world))
    else:
        belief = believe(model, made.towns, made.tellings)
    return send((ORDERS | PARTS)[order], made.towns, made.truth, belief, _says_available(made))


def measure(made: Made, trips: Trips) -> Measured:
    """What an order comes to in a world."""
    chosen = made.solvable
    oracle = np.where(chosen, made.oracle, 0)
    clock = trips.clock_minutes[chosen].sum() / made.oracle_clock[chosen].sum()
    ratio, error = _ratio(np.where(chosen, trips.minutes, 0), oracle)
    return Measured(ratio, error, clock, trips.visits[chosen].mean(), trips.served[chosen].mean())


def _ratio(minutes: Floats, oracle: Floats) -> tuple[float, float]:
    """The ratio of two means, and its standard error."""
    by_town, drawn = _by_town(minutes), _drawn_again(len(minutes) // SEARCHERS)
    again = by_town[drawn].sum(axis=1) / _by_town(oracle)[drawn].sum(axis=1)
    return float(minutes.sum() / oracle.sum()), float(again.std())


def surely_better(made: Made, ours: Trips, other: Trips) -> float:
    """Share of resamples in which one order takes fewer minutes than another."""
    saved = np.where(made.solvable, other.minutes - ours.minutes, 0)
    drawn = _drawn_again(len(saved) // SEARCHERS)
    return float((_by_town(saved)[drawn].sum(axis=1) > 0).mean())


def _by_town(values: Floats) -> Floats:
    """Sums by town, since searches of one town are not independent."""
    by_town: Floats = values.reshape(-1, SEARCHERS).sum(axis=1)
    return by_town


def _drawn_again(towns: int) -> NDArray[np.int64]:
    return np.random.default_rng(1).integers(0, towns, (RESAMPLES, towns))


def _says_available(made: Made) -> NDArray[np.bool_]:
    """Whether the latest report of somebody known says available, and has not expired."""
    says = np.zeros(len(made.towns.town), dtype=np.bool_)
    expires = np.array([KIND_FACTS[kind].expires.total_seconds() / 60 for kind in KINDS])
    states = (Availability.AVAILABLE.value, Availability.LIMITED.value)
    known = np.flatnonzero(made.tellings.role != ANONYMOUS)
    service = np.repeat(np.arange(len(says)), np.diff(made.tellings.first))[known]
    last = known[np.flatnonzero(np.diff(service, append=-1))]
    town = made.towns.town[np.unique(service)]
    fresh = made.towns.at[town] - made.tellings.at[last] < expires[made.towns.kind[town]]
    good = np.array([state in states for state, _ in TOLD])[made.tellings.what[last]]
    says[np.unique(service)] = fresh & good
    return says
