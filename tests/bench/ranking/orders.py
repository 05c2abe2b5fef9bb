"""The orders compared: which service a searcher goes to first, second, third …"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.ranking import (
    ATTEMPT_MINUTES,
    WAIT_WEIGHT,
    chance_open_by_clock,
    expected_minutes,
    fade,
    travel_minutes,
    wait_and_chance_open,
)
from tests.bench.ranking.believing import Belief
from tests.bench.ranking.compiling import compiled
from tests.bench.ranking.making import SEARCHERS, Floats, Ints, Towns
from tests.bench.ranking.week import DAY, HOURS, next_usable
from tests.bench.ranking.worlds import KIND_TRUTHS

DISTANCE, OPEN, LATEST, OPEN_LATEST, RANKED, AGAIN, IDEAL, IDEAL_AGAIN = range(8)
LAST = 1e6  # minutes: comes after everything
SOME_CHANCE = 0.5  # to be open, from which on a door of unknown hours counts as open
SURELY = 1 - 1e-9  # shorter, and not by rounding

# Share of services of each kind with each of HOURS: what the ideal knows of unknown hours.
HOURS_OF_KIND = np.array(
    [[truth.hours.get(hours, 0.0) for hours in range(len(HOURS))] for truth in KIND_TRUTHS.values()]
)


class Place(NamedTuple):
    """Where somebody is and when, in the plane and the time of a town."""

    town: int
    x_km: float
    y_km: float
    at: float


@compiled
def start_of(towns: Towns, searcher: int) -> Place:
    """Where and when a search is made first."""
    town = searcher // SEARCHERS
    return Place(town, towns.searcher_x_km[searcher], towns.searcher_y_km[searcher], towns.at[town])


@compiled
def way_minutes(towns: Towns, service: int, here: Place) -> float:
    """Minutes from a place to a service."""
    x_km, y_km = towns.x_km[service] - here.x_km, towns.y_km[service] - here.y_km
    return travel_minutes(np.sqrt(x_km * x_km + y_km * y_km) * 1000, towns.speed_kmh)


@compiled
def door_of(towns: Towns, service: int, at: float) -> Place:
    """Somebody at the door of a service at a moment."""
    return Place(towns.town[service], towns.x_km[service], towns.y_km[service], at)


@compiled
def chance_open_in_truth(kind: int, moment: float) -> float:
    """Share of services of a kind that are open at a moment."""
    open_ = 0.0
    for hours in range(len(HOURS)):
        if next_usable(hours, moment) == moment:
            open_ += HOURS_OF_KIND[kind, hours]
    return open_


@compiled
def ranked_cost(
    towns: Towns, belief: Belief, service: int, here: Place, ideal: bool
) -> tuple[float, float, float]:
    """Expected minutes, waiting planned, and chance of one service: the product's functions.

    The ideal knows besides how many doors of unknown hours are open, and how chances go on until
    the arrival.
    """
    travel = way_minutes(towns, service, here)
    if towns.hours_known[service]:
        usable = next_usable(towns.hours[service], here.at + travel) - here.at
        wait, open_ = wait_and_chance_open(travel, usable)
    else:
        wait, open_ = 0.0, chance_open_by_clock(int(here.at // DAY) % 7, int(here.at % DAY // 60))
        if ideal:
            open_ = chance_open_in_truth(towns.kind[towns.town[service]], here.at + travel)
    served = belief.now[service]
    if ideal:
        served = chance_later(belief, service, travel + wait)
    return expected_minutes(travel, wait, open_, served), wait, open_


@compiled
def chance_later(belief: Belief, service: int, minutes: float) -> float:
    """The chance so many minutes after the search, as the chain forgets."""
    left = fade(minutes, belief.half_life[service])
    return belief.long_run[service] * (1 - left) + belief.now[service] * left


@compiled
def advanced(belief: Belief, towns: Towns, town: int, minutes: float) -> Belief:
    """The belief of so many minutes later, of the services of a town, when nothing was heard."""
    now = belief.now.copy()
    for service in range(towns.first[town], towns.first[town + 1]):
        now[service] = chance_later(belief, service, minutes)
    return Belief(now, belief.long_run, belief.half_life)


@compiled
def plan(
    order: int, towns: Towns, belief: Belief, says_available: NDArray[np.bool_], here: Place
) -> tuple[Floats, Floats]:
    """What an order tells somebody who searches.

    Args:
        order: one of the constants above.
        towns: of the world.
        belief: of the ranking, or of the ideal.
        says_available: whether each service's latest report says so and has not expired.
        here: where and when the search is made.

    Returns:
        For each service of the town what the order sorts by, smaller first, and the minutes of
        waiting at its door.
    """
    first, end = towns.first[here.town], towns.first[here.town + 1]
    cost, waits = np.empty(end - first), np.empty(end - first)
    for service in range(first, end):
        expected, wait, open_ = ranked_cost(towns, belief, service, here, order >= IDEAL)
        if order < RANKED:
            expected = way_minutes(towns, service, here)
            if order in (OPEN, OPEN_LATEST) and (wait > 0 or open_ < SOME_CHANCE):
                expected += 2 * LAST
            if order in (LATEST, OPEN_LATEST) and not says_available[service]:
                expected += LAST
        cost[service - first], waits[service - first] = expected, wait
    return cost, waits


STOPS = 8  # of a route that the ideal improves; few people come so far
AN_HOUR_MORE = 60.0  # whoever is not served by then is taken to need as much again, and this


@compiled
def expected_of_route(
    towns: Towns, belief: Belief, start: Place, route: Ints, enough: float
) -> float:
    """Expected minutes of visiting the first STOPS services in turn, as far as beliefs hold.

    Args:
        towns: of the world.
        belief: of the ideal.
        start: where and when the search is made.
        route: places in the town's list, in the order of visits.
        enough: minutes at which it need not be worked out any further.
    """
    here, failing, total = start, 1.0, 0.0
    for place in route[:STOPS]:
        service = towns.first[start.town] + place
        leg = way_minutes(towns, service, here)
        wait, open_ = 0.0, 1.0
        if towns.hours_known[service]:
            wait = next_usable(towns.hours[service], here.at + leg) - here.at - leg
        else:
            open_ = chance_open_in_truth(towns.kind[start.town], here.at + leg)
        total += failing * (leg + WAIT_WEIGHT * wait + ATTEMPT_MINUTES)
        tried_at = here.at + leg + wait
        failing *= 1 - open_ * chance_later(belief, service, tried_at - start.at)
        here = door_of(towns, service, tried_at + ATTEMPT_MINUTES)
        if total > enough:
            break
    return total + failing * (total + AN_HOUR_MORE)


@compiled
def improved(towns: Towns, belief: Belief, start: Place, route: Ints) -> Ints:
    """A route with services moved as long as that makes it shorter: about the best there is."""
    least = expected_of_route(towns, belief, start, route, np.inf)
    moved = True
    while moved:
        moved = False
        for source in range(min(len(route), 2 * STOPS)):
            for target in range(min(len(route), STOPS)):
                other = _moved(route, source, target)
                minutes = expected_of_route(towns, belief, start, other, least)
                if minutes < least * SURELY:
                    least, route, moved = minutes, other, True
    return route


@compiled
def _moved(route: Ints, source: int, target: int) -> Ints:
    other = route.copy()
    if source > target:
        other[target + 1 : source + 1] = route[target:source]
    else:
        other[source:target] = route[source + 1 : target + 1]
    other[target] = route[source]
    return other
