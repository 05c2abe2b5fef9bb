"""The walk through the index: exact, best first, compiled.

Nodes wait in a heap ordered by the least that any service of theirs can cost. The walk opens the
cheapest node, until that least passes the k-th best found: what was not opened cannot be better. A
leaf that was opened knows the least of each of its services; it waits again with the least of them,
and its cheapest are weighed exactly when it is their turn. So no more are weighed than must be, and
the heap stays as small as the leaves are few.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.compiled import compiled, lean
from services.geodesy import geodesic_m
from services.index.best import Best, bar_of, keep, none_yet
from services.index.bounds import (
    Bounds,
    Shelves,
    bounds_of,
    bounds_within,
    least_of,
    node_minutes,
    slot_minutes,
)
from services.index.columns import FOUND_BY_AREA, ON_THE_MAP
from services.index.heap import drop_first, push
from services.index.openings import Openings
from services.index.outlook import Outlook
from services.index.scoring import Ask, matches, score
from services.index.tree import FANOUT, Tree
from services.ranking import AREA_TRAVEL_MINUTES

ROOM = 1024  # for nodes that wait …
LEAVES = 128  # … and leaves that are opened, until more is needed


class Hours(NamedTuple):
    """What is known of hours.

    Attributes:
        zone_chance: chance that a door of unknown hours is open at the time asked about, for each
            time zone.
        openings: that cover the time asked about.
    """

    zone_chance: NDArray[Any]
    openings: Openings


@lean
def weigh(slot: int, rows: NDArray[Any], ask: Ask, hours: Hours, best: Best, found: int) -> int:
    """Score one service and keep it if it is among the best; returns how many there are."""
    row, distance = rows[slot], 0.0
    if not matches(row, ask, hours.openings):
        return found
    if row.reach == ON_THE_MAP:
        if ask.has_box and not (
            ask.south <= row.lat < ask.north and ask.west <= row.lon < ask.east
        ):
            return found
        distance = geodesic_m(ask.lat, ask.lon, row.lat, row.lon)
        if distance > ask.max_m:
            return found
    elif ask.has_box or (row.reach == FOUND_BY_AREA and ask.strict and ask.max_m < math.inf):
        return found
    costs = score(row, distance, ask, hours.zone_chance, hours.openings)
    return keep(costs, slot, best, found, rows)


@lean
def _weigh_by_area(
    shelves: Shelves,
    areas: NDArray[Any],
    outlook: Outlook,
    ask: Ask,
    bounds: Bounds,
    hours: Hours,
    best: Best,
    found: int,
) -> int:
    """Weigh those without a point in the asker's areas; returns how many there are."""
    rows = shelves.rows
    for area in range(min(len(areas), len(shelves.areas) - 1)):
        if areas[area]:
            for slot in range(shelves.areas[area], shelves.areas[area + 1]):
                if outlook.cases[slot] & ask.cases == 0 or not ask.kinds >> rows[slot].kind & 1:
                    continue
                travel = AREA_TRAVEL_MINUTES if rows[slot].reach == FOUND_BY_AREA else 0.0
                least = least_of(slot, travel, rows, outlook, bounds)
                if least <= bar_of(best, found):
                    found = weigh(slot, rows, ask, hours, best, found)
    return found


@lean
def _weigh_unsettled(
    shelves: Shelves,
    areas: NDArray[Any],
    outlook: Outlook,
    ask: Ask,
    bounds: Bounds,
    hours: Hours,
    best: Best,
    found: int,
) -> int:
    """Weigh what changed since all was packed; returns how many there are."""
    for slot in range(shelves.settled, shelves.used):
        row = shelves.rows[slot]
        if not ask.kinds >> row.kind & 1 or outlook.cases[slot] & ask.cases == 0:
            continue
        if row.reach == ON_THE_MAP:
            least = slot_minutes(slot, shelves, outlook, ask, bounds)
            is_near = least <= bar_of(best, found)
        else:
            is_near = areas[row.area]
        if is_near:
            found = weigh(slot, shelves.rows, ask, hours, best, found)
    return found


@lean
def _look_into(
    leaf: Any, leasts: NDArray[Any], shelves: Shelves, outlook: Outlook, ask: Ask, bounds: Bounds
) -> float:
    """Write the least that each service of a leaf can cost; returns the least of them."""
    least = math.inf
    for place in range(leaf.count):
        leasts[place] = slot_minutes(leaf.first + place, shelves, outlook, ask, bounds)
        least = min(least, leasts[place])
    return least


@lean
def _weigh_cheapest(
    leaf: Any,
    leasts: NDArray[Any],
    cost: float,
    rows: NDArray[Any],
    ask: Ask,
    hours: Hours,
    best: Best,
    found: int,
) -> tuple[int, float]:
    """Weigh those of a leaf that can cost as little as this, once.

    Returns:
        How many are among the best by then, and the least that any other of the leaf can cost.
    """
    least = math.inf
    for place in range(leaf.count):
        if leasts[place] == cost:
            found = weigh(leaf.first + place, rows, ask, hours, best, found)
            leasts[place] = math.inf
        least = min(least, leasts[place])
    return found, least


@lean
def _open(
    node: Any,
    tree: Tree,
    outlook: Outlook,
    ask: Ask,
    bounds: Bounds,
    bar: float,
    heap: NDArray[Any],
    costs: NDArray[Any],
    waiting: int,
) -> int:
    """Let the parts of a node wait that can hold anything as good as the bar; returns how many."""
    for member in range(node.first, node.first + node.count):
        cost = node_minutes(member, tree, outlook, ask, bounds)
        if cost <= bar:
            waiting = push(heap, costs, waiting, member, cost)
    return waiting


@compiled
def walk(
    shelves: Shelves, outlook: Outlook, areas: NDArray[Any], ask: Ask, hours: Hours, limit: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The best services of all that match.

    Args:
        shelves: the services.
        outlook: bounds that hold at the time asked about.
        areas: whether each area is the searcher's.
        ask: the question.
        hours: at the time asked about.
        limit: how many, at least 1.

    Returns:
        Their slots and scores, best first.
    """
    best, found, bounds = none_yet(limit), 0, bounds_of(outlook, ask, hours.zone_chance)
    tree, root = shelves.tree, len(shelves.tree.nodes) - 1
    if root >= 0 and tree.kinds[root] & ask.kinds:  # it may be a leaf, all of another kind
        bounds = bounds_within(root, tree, ask, bounds)
        found = _walk_down(shelves, outlook, ask, bounds, hours, best)
    found = _weigh_by_area(shelves, areas, outlook, ask, bounds, hours, best, found)
    found = _weigh_unsettled(shelves, areas, outlook, ask, bounds, hours, best, found)
    order = best.order[:found]
    return best.slots[order], best.scores[order]


@compiled
def _walk_down(
    shelves: Shelves, outlook: Outlook, ask: Ask, bounds: Bounds, hours: Hours, best: Best
) -> int:
    """Weigh those of the tree that may be among the best; returns how many there are."""
    tree, nodes, rows, found = shelves.tree, shelves.tree.nodes, shelves.rows, 0
    heap, costs, waiting = np.empty(ROOM, np.int32), np.empty(ROOM), 0  # an opened leaf: its ~place
    opened, leasts, looked = np.empty(LEAVES, np.int32), np.empty((LEAVES, FANOUT)), 0
    waiting = push(heap, costs, waiting, len(nodes) - 1, 0.0)
    while waiting > 0 and costs[0] <= bar_of(best, found):
        number, cost, bar = heap[0], costs[0], bar_of(best, found)
        waiting = drop_first(heap, costs, waiting)
        if number < 0:
            leaf, own = nodes[opened[~number]], leasts[~number]
            found, cost = _weigh_cheapest(leaf, own, cost, rows, ask, hours, best, found)
            if cost <= bar_of(best, found):
                waiting = push(heap, costs, waiting, number, cost)
            continue
        node, bounds = nodes[number], bounds_within(number, tree, ask, bounds)
        if node.is_leaf:
            if looked == len(opened):
                opened, leasts = np.append(opened, opened), np.concatenate((leasts, leasts))
            opened[looked] = number
            cost = _look_into(node, leasts[looked], shelves, outlook, ask, bounds)
            if cost <= bar:
                waiting, looked = push(heap, costs, waiting, ~looked, cost), looked + 1
        else:
            if waiting + node.count > len(heap):
                heap, costs = np.append(heap, heap), np.append(costs, costs)
            waiting = _open(node, tree, outlook, ask, bounds, bar, heap, costs, waiting)
    return found
