"""The walk through the index: exact, best first, compiled.

Nodes wait in a heap ordered by the least that any of their services can cost. The walk opens the
cheapest node until that least passes the k-th best found: what was not opened cannot be better.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.compiled import compiled
from services.geodesy import geodesic_m
from services.index.columns import FOUND_BY_AREA, ON_THE_MAP
from services.index.scoring import DISTANCE, EXPECTED, matches, score
from services.ranking import expected_minutes, travel_minutes

SURELY = 1 - 1e-9  # a bound stays a bound when floating point rounds


@compiled
def _comes_before(
    one: NDArray[Any], one_slot: int, other: NDArray[Any], other_slot: int, rows: NDArray[Any]
) -> bool:
    """Ties are common: expected minutes, then distance, then id."""
    if one[EXPECTED] != other[EXPECTED]:
        return one[EXPECTED] < other[EXPECTED]
    if one[DISTANCE] != other[DISTANCE]:
        return one[DISTANCE] < other[DISTANCE]
    if rows[one_slot].id_high != rows[other_slot].id_high:
        return rows[one_slot].id_high < rows[other_slot].id_high
    return rows[one_slot].id_low < rows[other_slot].id_low


@compiled
def _keep(
    candidate: NDArray[Any],
    slot: int,
    best: NDArray[Any],
    slots: NDArray[Any],
    found: int,
    rows: NDArray[Any],
) -> int:
    """Put a candidate in its place among the best; returns how many there are."""
    size = len(slots)
    if found == size and not _comes_before(candidate, slot, best[size - 1], slots[size - 1], rows):
        return found
    place = min(found, size - 1)
    while place > 0 and _comes_before(candidate, slot, best[place - 1], slots[place - 1], rows):
        best[place] = best[place - 1]
        slots[place] = slots[place - 1]
        place -= 1
    best[place] = candidate
    slots[place] = slot
    return min(found + 1, size)


@compiled
def _least_cost(node: Any, ask: Any, best_unknown: float) -> tuple[float, float]:
    """The least that any service of a node can cost, and the least metres it can be away."""
    gap2 = 0.0
    for axis in range(3):
        here = ask.x if axis == 0 else ask.y if axis == 1 else ask.z
        beyond = max(node.low[axis] - here, 0.0, here - node.high[axis])
        gap2 += beyond * beyond
    metres = math.sqrt(gap2) * SURELY
    open_ = 1.0 if node.hours_known else best_unknown
    travel = travel_minutes(metres, ask.speed_kmh)
    return expected_minutes(travel, 0.0, open_, node.best_chance) * SURELY, metres


@compiled
def _push(heap: NDArray[Any], costs: NDArray[Any], size: int, node: int, cost: float) -> int:
    place = size
    while place > 0 and costs[(place - 1) // 2] > cost:
        costs[place], heap[place] = costs[(place - 1) // 2], heap[(place - 1) // 2]
        place = (place - 1) // 2
    costs[place], heap[place] = cost, node
    return size + 1


@compiled
def _drop_first(heap: NDArray[Any], costs: NDArray[Any], size: int) -> int:
    size -= 1
    cost, node, place = costs[size], heap[size], 0
    while 2 * place + 1 < size:
        child = 2 * place + 1
        if child + 1 < size and costs[child + 1] < costs[child]:
            child += 1
        if costs[child] >= cost:
            break
        costs[place], heap[place] = costs[child], heap[child]
        place = child
    costs[place], heap[place] = cost, node
    return size


@compiled
def _consider(
    slot: int,
    rows: NDArray[Any],
    ask: Any,
    zone_chance: NDArray[Any],
    bounds: NDArray[Any],
    opens: NDArray[Any],
    closes: NDArray[Any],
    best: NDArray[Any],
    slots: NDArray[Any],
    found: int,
) -> int:
    """Score one service and keep it if it is among the best; returns how many there are."""
    row = rows[slot]
    if not matches(row, ask, bounds, opens, closes):
        return found
    distance = 0.0
    if row.reach == ON_THE_MAP:
        if not (ask.south <= row.lat < ask.north and ask.west <= row.lon < ask.east):
            return found
        straight = math.sqrt((row.x - ask.x) ** 2 + (row.y - ask.y) ** 2 + (row.z - ask.z) ** 2)
        least = score(row, straight * SURELY, ask, zone_chance, bounds, opens, closes)
        if found == len(slots) and least[EXPECTED] * SURELY > best[found - 1, EXPECTED]:
            return found  # the true way is never shorter than the straight line
        distance = geodesic_m(ask.lat, ask.lon, row.lat, row.lon)
        if distance > ask.max_m:
            return found
    elif row.reach == FOUND_BY_AREA and ask.strict and ask.max_m < math.inf:
        return found
    candidate = np.array(score(row, distance, ask, zone_chance, bounds, opens, closes))
    return _keep(candidate, slot, best, slots, found, rows)


@compiled
def walk(
    rows: NDArray[Any],
    nodes: NDArray[Any],
    order: NDArray[Any],
    roots: NDArray[Any],
    loose: NDArray[Any],
    kinds: NDArray[Any],
    areas: NDArray[Any],
    asks: NDArray[Any],
    zone_chance: NDArray[Any],
    bounds: NDArray[Any],
    opens: NDArray[Any],
    closes: NDArray[Any],
    limit: int,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The best services of all that match.

    Args:
        rows: of ROW, one a slot.
        nodes, order, roots: of the Tree.
        loose: slots that are not in the tree: changed since it was built, or without a point.
        kinds: whether each kind is asked for.
        areas: whether each area is the searcher's.
        asks: one row of ASK.
        zone_chance: chance that a door of unknown hours is open now, for each time zone.
        bounds, opens, closes: of Openings.
        limit: how many, at least 1.

    Returns:
        Slots in order, and their scores, shape (found, 6).
    """
    ask = asks[0]
    best = np.empty((limit, 6))
    slots = np.empty(limit, np.int64)
    found = 0
    for slot in loose:
        row = rows[slot]
        if kinds[row.kind] and (row.reach == ON_THE_MAP or areas[row.area]):
            found = _consider(
                slot, rows, ask, zone_chance, bounds, opens, closes, best, slots, found
            )
    best_unknown = zone_chance.max() if len(zone_chance) else 1.0
    heap, costs = np.empty(len(nodes) + 1, np.int32), np.empty(len(nodes) + 1)
    waiting = 0
    for kind in range(len(kinds)):
        if kinds[kind] and roots[kind] >= 0:
            cost, metres = _least_cost(nodes[roots[kind]], ask, best_unknown)
            if metres <= ask.max_m:
                waiting = _push(heap, costs, waiting, roots[kind], cost)
    while waiting > 0:
        if found == limit and costs[0] > best[limit - 1, EXPECTED]:
            break
        node = nodes[heap[0]]
        waiting = _drop_first(heap, costs, waiting)
        for member in range(node.first, node.first + node.count):
            if node.is_leaf:
                found = _consider(
                    order[member], rows, ask, zone_chance, bounds, opens, closes, best, slots, found
                )
                continue
            cost, metres = _least_cost(nodes[member], ask, best_unknown)
            if metres <= ask.max_m and (found < limit or cost <= best[limit - 1, EXPECTED]):
                waiting = _push(heap, costs, waiting, member, cost)
    return slots[:found], best[:found]
