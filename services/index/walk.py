"""The walk through the index: exact, best first, compiled.

Nodes and services wait in a heap ordered by the least that they, or any of theirs, can cost. The
walk opens the cheapest node, or weighs the cheapest service exactly, until that least passes the
k-th best found: what was not opened cannot be better.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.compiled import compiled, inlined
from services.geodesy import geodesic_m
from services.index.columns import FOUND_BY_AREA, ON_THE_MAP
from services.index.heap import drop_first, push
from services.index.openings import Openings
from services.index.outlook import Outlook, least_minutes, share_of
from services.index.scoring import (
    DISTANCE,
    EXPECTED,
    Ask,
    facts_match,
    facts_may_match,
    matches,
    score,
)
from services.index.tree import Tree
from services.ranking import AREA_TRAVEL_MINUTES, travel_minutes

SURELY = 1 - 1e-9  # a bound stays a bound when floating point rounds
NEARER_M = 2.0  # so far, at most, single precision moves a straight line


Score = tuple[float, float, float, float, float, float]
COLUMNS = 6


class Shelves(NamedTuple):
    """Where all services stand, as compiled code reads them.

    Attributes:
        rows: of ROW, one a slot.
        spots: x, y, z of each slot in single precision, shape (slots, 3): the walk looks at many.
        facts: of each slot the facts answered yes, and no, as bits: the walk looks at many.
        tree: over the first slots, those packed on the map.
        areas: shape (areas + 1,); services found in area ``n`` stand from ``areas[n]`` on.
        settled: from this slot on stands what changed since all was packed.
        used: how many slots there are.
    """

    rows: NDArray[Any]
    spots: NDArray[np.float32]
    facts: NDArray[np.uint64]
    tree: Tree
    areas: NDArray[np.int64]
    settled: int
    used: int


class Best(NamedTuple):
    """The best so far.

    Attributes:
        order: places in the other two, best first.
        slots, scores: in the order in which they were found.
    """

    order: NDArray[np.int64]
    slots: NDArray[np.int64]
    scores: NDArray[np.float64]


@inlined
def _bar(best: Best, found: int) -> float:
    """What a service may cost at most to be among the best."""
    size = len(best.order)
    return math.inf if found < size else best.scores[best.order[size - 1], EXPECTED]


@inlined
def _comes_before(score: Score, slot: int, place: int, best: Best, rows: NDArray[Any]) -> bool:
    """Ties are common: expected minutes, then distance, then id."""
    expected, distance = best.scores[place, EXPECTED], best.scores[place, DISTANCE]
    if score[EXPECTED] != expected:
        return score[EXPECTED] < expected
    if score[DISTANCE] != distance:
        return score[DISTANCE] < distance
    one, other = rows[slot], rows[best.slots[place]]
    if one.id_high != other.id_high:
        return one.id_high < other.id_high
    return one.id_low < other.id_low


@inlined
def _keep(score: Score, slot: int, best: Best, found: int, rows: NDArray[Any]) -> int:
    """Put a candidate in its place among the best; returns how many there are."""
    order, size = best.order, len(best.order)
    if found == size and not _comes_before(score, slot, order[size - 1], best, rows):
        return found
    place = min(found, size - 1)
    own = found if found < size else order[place]  # a free place, or that of the last
    while place > 0 and _comes_before(score, slot, order[place - 1], best, rows):
        order[place] = order[place - 1]
        place -= 1
    order[place], best.slots[own] = own, slot
    for column in range(COLUMNS):
        best.scores[own, column] = score[column]
    return min(found + 1, size)


@inlined
def box_m(box: NDArray[Any], x: float, y: float, z: float) -> float:
    """The least metres, straight, from a point in space to anything in a box."""
    dx = max(box[0] - x, 0.0, x - box[3])
    dy = max(box[1] - y, 0.0, y - box[4])
    dz = max(box[2] - z, 0.0, z - box[5])
    return math.sqrt(dx * dx + dy * dy + dz * dz) * SURELY


@inlined
def spot_m(spot: NDArray[Any], x: float, y: float, z: float) -> float:
    """The least metres, straight, from a point in space to a service."""
    dx, dy, dz = spot[0] - x, spot[1] - y, spot[2] - z
    return max(0.0, math.sqrt(dx * dx + dy * dy + dz * dz) - NEARER_M)


@inlined
def _node_minutes(node: NDArray[Any], travel: float, share: float) -> float:
    """The least that any service of a node can cost, by the node's outlook."""
    now = least_minutes(travel, node[0], 0.0, share)
    return min(now, least_minutes(travel, node[1], node[2], share)) * SURELY


@inlined
def _weigh(
    slot: int,
    rows: NDArray[Any],
    ask: Ask,
    zone_chance: NDArray[Any],
    openings: Openings,
    best: Best,
    found: int,
) -> int:
    """Score one service and keep it if it is among the best; returns how many there are."""
    row, distance = rows[slot], 0.0
    if not matches(row, ask, openings):
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
    return _keep(score(row, distance, ask, zone_chance, openings), slot, best, found, rows)


@inlined
def _slot_minutes(slot: int, shelves: Shelves, outlook: Outlook, ask: Ask, share: float) -> float:
    """The least that a service on the map can cost; infinite if it is farther than asked for."""
    metres = spot_m(shelves.spots[slot], ask.x, ask.y, ask.z)
    if metres > ask.max_m:
        return math.inf
    travel = travel_minutes(metres, ask.speed_kmh)
    return least_minutes(travel, outlook.chances[slot], outlook.waits[slot], share) * SURELY


@compiled
def _weigh_elsewhere(
    shelves: Shelves,
    areas: NDArray[Any],
    outlook: Outlook,
    ask: Ask,
    zone_chance: NDArray[Any],
    openings: Openings,
    best: Best,
    found: int,
) -> int:
    """Weigh those outside the tree: without a point in the asker's areas, or changed lately."""
    rows, share = shelves.rows, share_of(outlook, zone_chance)
    for area in range(min(len(areas), len(shelves.areas) - 1)):
        if areas[area]:
            for slot in range(shelves.areas[area], shelves.areas[area + 1]):
                if outlook.cases[slot] & ask.cases == 0:
                    continue
                travel = AREA_TRAVEL_MINUTES if rows[slot].reach == FOUND_BY_AREA else 0.0
                wait = outlook.waits[slot]
                least = least_minutes(travel, outlook.chances[slot], wait, share) * SURELY
                if least <= _bar(best, found) and ask.kinds >> rows[slot].kind & 1:
                    found = _weigh(slot, rows, ask, zone_chance, openings, best, found)
    for slot in range(shelves.settled, shelves.used):
        row = rows[slot]
        if not ask.kinds >> row.kind & 1 or outlook.cases[slot] & ask.cases == 0:
            continue
        if row.reach == ON_THE_MAP:
            least = _slot_minutes(slot, shelves, outlook, ask, share)
            is_near = least <= _bar(best, found) and least < math.inf
        else:
            is_near = areas[row.area]
        if is_near:
            found = _weigh(slot, rows, ask, zone_chance, openings, best, found)
    return found


@compiled
def walk(
    shelves: Shelves,
    outlook: Outlook,
    areas: NDArray[Any],
    ask: Ask,
    zone_chance: NDArray[Any],
    openings: Openings,
    limit: int,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The best services of all that match.

    Args:
        shelves: the services.
        outlook: bounds that hold at the time asked about.
        areas: whether each area is the searcher's.
        ask: the question.
        zone_chance: chance that a door of unknown hours is open then, for each time zone.
        openings: that cover the time asked about.
        limit: how many, at least 1.

    Returns:
        Their slots and scores, best first.
    """
    tree, nodes = shelves.tree, shelves.tree.nodes
    best = Best(np.empty(limit, np.int64), np.empty(limit, np.int64), np.empty((limit, COLUMNS)))
    found, share = 0, share_of(outlook, zone_chance)
    heap, costs, waiting = np.empty(1024, np.int32), np.empty(1024), 0
    if len(nodes) and tree.kinds[len(nodes) - 1] & ask.kinds:
        waiting = push(heap, costs, waiting, len(nodes) - 1, 0.0)
    while waiting > 0:
        bar, number = _bar(best, found), heap[0]
        if costs[0] > bar:
            break
        waiting = drop_first(heap, costs, waiting)
        if number < 0:
            found = _weigh(~number, shelves.rows, ask, zone_chance, openings, best, found)
            continue
        node = nodes[number]
        if waiting + node.count > len(heap):
            heap, costs = np.append(heap, np.empty_like(heap)), np.append(costs, costs)
        for member in range(node.first, node.first + node.count):
            if node.is_leaf:
                if outlook.cases[member] & ask.cases == 0:
                    continue
                if ask.has_facts and not facts_match(shelves.facts[member], ask):
                    continue
                cost = _slot_minutes(member, shelves, outlook, ask, share)
                if cost <= bar and cost < math.inf:
                    waiting = push(heap, costs, waiting, ~member, cost)
                continue
            if tree.kinds[member] & ask.kinds == 0:
                continue
            if outlook.node_cases[member] & ask.cases == 0:
                continue
            metres = box_m(tree.boxes[member], ask.x, ask.y, ask.z)
            travel = travel_minutes(metres, ask.speed_kmh)
            cost = _node_minutes(outlook.nodes[member], travel, share)
            if (
                cost <= bar
                and metres <= ask.max_m
                and (not ask.has_facts or facts_may_match(nodes[member], ask))
            ):
                waiting = push(heap, costs, waiting, member, cost)
    found = _weigh_elsewhere(shelves, areas, outlook, ask, zone_chance, openings, best, found)
    order = best.order[:found]
    return best.slots[order], best.scores[order]
