"""Towns with services, and whether each can serve at any moment: the hidden truth."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.ranking import SPEED_KMH
from services.vocabulary import KIND_FACTS, Kind
from tests.bench.ranking.compiling import compiled
from tests.bench.ranking.week import DAY
from tests.bench.ranking.worlds import KIND_TRUTHS, World

KINDS = list(Kind)
HISTORY_DAYS = 63  # nine weeks
LOOK_AHEAD = 6 * DAY  # truth is made for so long after the search
SEARCHERS = 5  # in a town, at one moment
HOURS_KNOWN = 0.7  # share of services whose hours we know
MOST_CERTAIN = 0.02  # no service can always or never serve
SPREAD = 0.5  # of the logarithm of how fast services of a kind change

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Towns(NamedTuple):
    """Towns, their services and searchers, as columns.

    Attributes:
        kind, at: of the search in each town: the kind's place in KINDS, the minute.
        first: where each town's services begin, and after the last of them the number of all.
        town: of each service.
        x_km, y_km: where it is.
        chance: share of all time in which it can serve.
        switch_minutes: after which half is forgotten of whether it could.
        hours: its row in week.HOURS.
        hours_known: whether we know them.
        searcher_x_km, searcher_y_km: SEARCHERS rows a town.
        speed_kmh: of everybody.
    """

    kind: Ints
    at: Floats
    first: Ints
    town: Ints
    x_km: Floats
    y_km: Floats
    chance: Floats
    switch_minutes: Floats
    hours: Ints
    hours_known: NDArray[np.bool_]
    searcher_x_km: Floats
    searcher_y_km: Floats
    speed_kmh: float


class Truth(NamedTuple):
    """When each service could serve: its state at minute 0, and the minutes at which it changes."""

    able_at_first: NDArray[np.bool_]
    first: Ints
    flips: Floats


def make_towns(world: World, count: int, rng: np.random.Generator) -> Towns:
    """Towns of a world with everything that does not change."""
    kinds = world.kinds or tuple(Kind)
    weights = np.array([KIND_TRUTHS[kind].searches for kind in kinds])
    drawn = rng.choice(len(kinds), size=count, p=weights / weights.sum())
    kind = np.array([KINDS.index(one) for one in kinds])[drawn]
    sizes = np.maximum(2, rng.poisson(8 if world.rural else 30, count))
    town = np.repeat(np.arange(count), sizes)
    x_km, y_km, searcher_x, searcher_y = _places(world, town, count, rng)
    chance, switch_minutes = _nature(world, kind[town], rng)
    return Towns(
        kind=kind,
        at=_moments(count, rng, night=world.night),
        first=np.concatenate([[0], np.cumsum(sizes)]),
        town=town,
        x_km=x_km,
        y_km=y_km,
        chance=chance,
        switch_minutes=switch_minutes,
        hours=_hours(kind[town], rng),
        hours_known=rng.random(len(town)) < HOURS_KNOWN,
        searcher_x_km=searcher_x,
        searcher_y_km=searcher_y,
        speed_kmh=SPEED_KMH["drive" if world.rural else "transit"],
    )


def _moments(count: int, rng: np.random.Generator, *, night: bool) -> Floats:
    days = rng.integers(0, 7 if night else 5, count)
    first, last = (20 * 60, 29 * 60) if night else (9 * 60, 16 * 60)
    moments: Floats = (HISTORY_DAYS + days) * DAY + rng.uniform(first, last, count)
    return moments


def _places(
    world: World, town: Ints, count: int, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats, Floats]:
    """Services and searchers gather around five centres of a town; a third live anywhere."""
    reach_km, cluster_km, centres = (60.0, 3.0, 5) if world.rural else (12.0, 1.5, 5)
    angle = rng.uniform(0, 2 * np.pi, (count, centres))
    away = reach_km * np.sqrt(rng.random((count, centres)))
    middle_x, middle_y = away * np.cos(angle), away * np.sin(angle)
    places = []
    for towns in (town, np.repeat(np.arange(count), SEARCHERS)):
        centre = rng.integers(0, centres, len(towns))
        anywhere = rng.random(len(towns)) < 1 / 3
        for middle in (middle_x, middle_y):
            near = middle[towns, centre] + rng.normal(0, cluster_km, len(towns))
            far = rng.uniform(-reach_km, reach_km, len(towns)) * np.sqrt(0.5)
            places.append(np.where(anywhere, far, near))
    return places[0], places[1], places[2], places[3]


def _nature(world: World, kind: Ints, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """How often each service can serve, and how fast that changes."""
    prior = np.array([KIND_FACTS[one].prior for one in KINDS])[kind]
    odds = prior / (1 - prior) * world.odds
    typical = odds / (1 + odds)
    chance = rng.beta(typical * world.alike, (1 - typical) * world.alike)
    hours = np.array([KIND_TRUTHS[one].switch_hours for one in KINDS])[kind]
    switch = hours * 60 / world.pace * np.exp(rng.normal(0, SPREAD, len(kind)))
    return np.clip(chance, MOST_CERTAIN, 1 - MOST_CERTAIN), switch


def _hours(kind: Ints, rng: np.random.Generator) -> Ints:
    hours = np.zeros(len(kind), dtype=np.int64)
    for code, one in enumerate(KINDS):
        shares = KIND_TRUTHS[one].hours
        here = np.flatnonzero(kind == code)
        hours[here] = rng.choice(list(shares), size=len(here), p=list(shares.values()))
    return hours


def make_truth(towns: Towns, rng: np.random.Generator) -> Truth:
    """Whether each service can serve, from minute 0 until well after the search."""
    able = rng.random(len(towns.chance)) < towns.chance
    until = towns.at[towns.town] + LOOK_AHEAD
    first, flips = _flips(able, towns.chance, towns.switch_minutes / np.log(2), until, rng)
    return Truth(able, first, flips)


@compiled
def doubled(values: NDArray[Any]) -> NDArray[Any]:
    """The same values with room for as many again."""
    longer = np.empty(2 * len(values), values.dtype)
    longer[: len(values)] = values
    return longer


@compiled
def _flips(
    able: NDArray[np.bool_], chance: Floats, scale: Floats, until: Floats, rng: np.random.Generator
) -> tuple[Ints, Floats]:
    """Moments of change of two-state Markov chains in continuous time."""
    first = np.zeros(len(able) + 1, np.int64)
    flips = np.empty(1024)
    made = 0
    for service in range(len(able)):
        now, state = 0.0, able[service]
        while True:
            leaving = 1 - chance[service] if state else chance[service]
            now += rng.exponential(scale[service] / leaving)
            if now > until[service]:
                break
            if made == len(flips):
                flips = doubled(flips)
            flips[made] = now
            made += 1
            state = not state
        first[service + 1] = made
    return first, flips[:made]


@compiled
def is_able(truth: Truth, service: int, moment: float) -> bool:
    """Whether a service can serve at a moment."""
    flips = truth.flips[truth.first[service] : truth.first[service + 1]]
    changed = np.searchsorted(flips, moment, side="right") % 2 == 1
    return truth.able_at_first[service] != changed


@compiled
def next_flip(truth: Truth, service: int, moment: float) -> float:
    """The first change after a moment; infinite if none was made."""
    flips = truth.flips[truth.first[service] : truth.first[service + 1]]
    place = np.searchsorted(flips, moment, side="right")
    return flips[place] if place < len(flips) else np.inf
