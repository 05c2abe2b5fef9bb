"""Searchers visit services in the order given until served; the truth goes on meanwhile.

Whoever knows the hours does not set out for a door at which the wait became more than PATIENCE
longer than planned; at a closed door people wait so long, else they go on.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.ranking import ATTEMPT_MINUTES, WAIT_WEIGHT
from tests.bench.ranking.believing import Belief
from tests.bench.ranking.compiling import compiled
from tests.bench.ranking.making import Floats, Ints, Towns, Truth, is_able, next_flip
from tests.bench.ranking.orders import (
    AGAIN,
    DISTANCE,
    IDEAL,
    IDEAL_AGAIN,
    LATEST,
    Place,
    advanced,
    door_of,
    improved,
    plan,
    start_of,
    way_minutes,
)
from tests.bench.ranking.week import next_usable

PATIENCE = 60.0  # minutes that anyone waits at a door beyond what was planned
MOST_VISITS = 20
LONGEST = 5 * 1440.0  # minutes after which anyone gives up
GIVES_UP = 720.0  # counted besides for whoever does, and the most an oracle's search may take


class Trips(NamedTuple):
    """How each search went.

    Attributes:
        minutes: on the way, at tries, and half of those waited, as the ranking counts them.
        clock_minutes: from the search until served.
        visits: doors gone to.
        served: whether in the end.
    """

    minutes: Floats
    clock_minutes: Floats
    visits: Floats
    served: NDArray[np.bool_]


def send(
    order: int, towns: Towns, truth: Truth, belief: Belief, says_available: NDArray[np.bool_]
) -> Trips:
    """Send every searcher of a world along an order."""
    return Trips(*_send(order, towns, truth, belief, says_available))


@compiled
def _send(
    order: int, towns: Towns, truth: Truth, belief: Belief, says_available: NDArray[np.bool_]
) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    searchers = len(towns.searcher_x_km)
    minutes, clock = np.empty(searchers), np.empty(searchers)
    visits, served = np.empty(searchers), np.empty(searchers, np.bool_)
    for searcher in range(searchers):
        start = start_of(towns, searcher)
        cost, waits = plan(order, towns, belief, says_available, start)
        route = np.argsort(cost, kind="mergesort")
        if order >= IDEAL:
            route = improved(towns, belief, start, route)
        if order in (DISTANCE, LATEST):
            waits[:] = -1.0  # hours are learned at the door
        if order in (AGAIN, IDEAL_AGAIN):
            waits[:] = np.inf  # whoever asks again has planned each wait
        trip = _visit(order, towns, truth, belief, says_available, start, route, waits)
        minutes[searcher], clock[searcher], visits[searcher], served[searcher] = trip
    return minutes, clock, visits, served


@compiled
def _visit(
    order: int,
    towns: Towns,
    truth: Truth,
    belief: Belief,
    says_available: NDArray[np.bool_],
    start: Place,
    route: Ints,
    waits: Floats,
) -> tuple[float, float, float, bool]:
    """One search: minutes as the ranking counts them, minutes of the clock, visits, whether served.

    Once the whole list is walked people begin anew, and wait.
    """
    asks_again = order in (AGAIN, IDEAL_AGAIN)
    here, waited, visits = start, 0.0, 0
    for step in range(2 * MOST_VISITS + 2 * len(route)):
        turn, patient = step % len(route), step >= len(route)
        if step > 0 and asks_again and not (patient and order == IDEAL_AGAIN):
            route[turn:] = _anew(order, towns, belief, says_available, start, here, route[turn:])
        place = route[turn]
        service = towns.first[here.town] + place
        arrival = here.at + way_minutes(towns, service, here)
        wait = next_usable(towns.hours[service], arrival) - arrival
        planned = waits[place] if towns.hours_known[service] else -1.0
        too_long = wait > max(0.0, planned) + PATIENCE and not patient
        if too_long and planned >= 0:
            continue
        visits += 1
        wait = 0.0 if too_long else wait
        waited += wait
        able = not too_long and is_able(truth, service, arrival + wait)
        here = door_of(towns, service, arrival + wait + ATTEMPT_MINUTES)
        clock = here.at - start.at
        if able:
            return clock - (1 - WAIT_WEIGHT) * waited, clock, visits, True
        if visits >= MOST_VISITS or clock > LONGEST:
            break
    clock = here.at - start.at + GIVES_UP
    return clock - (1 - WAIT_WEIGHT) * waited, clock, visits, False


@compiled
def _anew(
    order: int,
    towns: Towns,
    belief: Belief,
    says_available: NDArray[np.bool_],
    start: Place,
    here: Place,
    left: Ints,
) -> Ints:
    """Those not visited yet in the order told to somebody who asks again from a door.

    The ranking has heard nothing since the search, and its chances stay (in the product they fade
    by the minutes that have passed); the ideal's go on as the chains do, and so does its route. Who
    has been everywhere once, and knows the rates, keeps to the order: the first was in vain the
    longest ago.
    """
    if order == IDEAL_AGAIN:
        belief = advanced(belief, towns, here.town, here.at - start.at)
    cost, _ = plan(order, towns, belief, says_available, here)
    again = left[np.argsort(cost[left], kind="mergesort")]
    return improved(towns, belief, here, again) if order == IDEAL_AGAIN else again


@compiled
def oracle_minutes(towns: Towns, truth: Truth, wait_weight: float) -> Floats:
    """The least each search can take for somebody who knows what is and what will be."""
    searchers = len(towns.searcher_x_km)
    least = np.full(searchers, np.inf)
    for searcher in range(searchers):
        start = start_of(towns, searcher)
        for service in range(towns.first[start.town], towns.first[start.town + 1]):
            travel = way_minutes(towns, service, start)
            arrival = start.at + travel
            longest = (least[searcher] - travel - ATTEMPT_MINUTES) / wait_weight
            latest = arrival + min(longest, LONGEST)
            served = _first_served(towns, truth, service, arrival, latest)
            minutes = travel + wait_weight * (served - arrival) + ATTEMPT_MINUTES
            least[searcher] = min(least[searcher], minutes)
    return least


@compiled
def _first_served(towns: Towns, truth: Truth, service: int, arrival: float, latest: float) -> float:
    """The first moment from the arrival on at which a service is open and can serve."""
    now = arrival
    while now <= latest:
        now = next_usable(towns.hours[service], now)
        if is_able(truth, service, now):
            return now
        now = next_flip(truth, service, now)
    return np.inf
