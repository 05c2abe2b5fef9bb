"""The walk through the index: exact, best first, compiled.

Nodes wait in a heap ordered by the least that any of their services can cost. The walk opens the
cheapest node until that least passes the k-th best found: what was not opened cannot be better.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.compiled import compiled
from services.geodesy import geodesic_m
from services.index.columns import FOUND_BY_AREA, ON_THE_MAP
from services.index.heap import drop_first, push
from services.index.openings import Openings
from services.index.outlook import Outlook, least_minutes
from services.index.scoring import DISTANCE, EXPECTED, matches, may_match, score
from services.index.tree import Tree
from services.ranking import travel_minutes

SURELY = 1 - 1e-9  # a bound stays a bound when floating point rounds
NEARER_M = 2.0  # so far, at most, single precision moves a straight line


Score = tuple[float, float, float, float, float, float]
COLUMNS = 6


class Shelves(NamedTuple):
    """Where all services stand, as compiled code reads them.

    Attributes:
        rows: of ROW, one a slot.
        spots: x, y, z of each slot in single precision, shape (slots, 3): the walk looks at many.
        tree: over the first slots, those packed on the map.
        areas: shape (areas + 1,); services found in area ``n`` stand from ``areas[n]`` on.
        settled: from this slot on stands what changed since all was packed.
        used: how many slots there are.
    """

    rows: NDArray[Any]
    spots: NDArray[np.float32]
    tree: Tree
    areas: NDArray[np.int64]
    settled: int
    used: int


class Best(NamedTuple):
    """The best so far, in order: slots, and their scores."""

    slots: NDArray[np.int64]
    scores: NDArray[np.float64]


@compiled
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


@compiled
def _keep(score: Score, slot: int, best: Best, found: int, rows: NDArray[Any]) -> int:
    """Put a candidate in its place among the best; returns how many there are."""
    slots, scores = best.slots, best.scores
    size = len(slots)
    if found == size and not _comes_before(score, slot, size - 1, best, rows):
        return found
    place = min(found, size - 1)
    while place > 0 and _comes_before(score, slot, place - 1, best, rows):
        for column in range(COLUMNS):
            scores[place, column] = scores[place - 1, column]
        slots[place] = slots[place - 1]
        place -= 1
    for column in range(COLUMNS):
        scores[place, column] = score[column]
    slots[place] = slot
    return min(found + 1, size)


@compiled
def box_m(node: Any, x: float, y: float, z: float) -> float:
    """The least metres, straight, from a point in space to anything in a node."""
    gap2 = 0.0
    for axis in range(3):
        here = x if axis == 0 else y if axis == 1 else z
        beyond = max(node.low[axis] - here, 0.0, here - node.high[axis])
        gap2 += beyond * beyond
    return math.sqrt(gap2) * SURELY


@compiled
def spot_m(spot: NDArray[Any], x: float, y: float, z: float) -> float:
    """The least metres, straight, from a point in space to a service."""
    gap2 = (spot[0] - x) ** 2 + (spot[1] - y) ** 2 + (spot[2] - z) ** 2
    return max(0.0, math.sqrt(gap2) - NEARER_M)


@compiled
def _node_minutes(number: int, metres: float, ask: Any, outlook: Outlook) -> float:
    """The least that any service of a node can cost."""
    travel = travel_minutes(metres, ask.speed_kmh)
    node = outlook.nodes[number]
    now, later = least_minutes(travel, node[0], 0.0), least_minutes(travel, node[1], node[2])
    return min(now, later) * SURELY


@compiled
def _weigh(
    slot: int,
    rows: NDArray[Any],
    ask: Any,
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


@compiled
def _weigh_on_the_map(
    first: int,
    last: int,
    shelves: Shelves,
    outlook: Outlook,
    ask: Any,
    zone_chance: NDArray[Any],
    openings: Openings,
    best: Best,
    found: int,
) -> int:
    """Weigh those of some services on the map that may be among the best."""
    x, y, z, speed, size = ask.x, ask.y, ask.z, ask.speed_kmh, len(best.slots)
    for slot in range(first, last):
        travel = travel_minutes(spot_m(shelves.spots[slot], x, y, z), speed)
        least = least_minutes(travel, outlook.chances[slot], outlook.waits[slot]) * SURELY
        if found < size or least <= best.scores[size - 1, EXPECTED]:
            found = _weigh(slot, shelves.rows, ask, zone_chance, openings, best, found)
    return found


@compiled
def _weigh_elsewhere(
    shelves: Shelves,
    areas: NDArray[Any],
    outlook: Outlook,
    ask: Any,
    zone_chance: NDArray[Any],
    openings: Openings,
    best: Best,
) -> int:
    """Weigh those outside the tree: changed lately, or without a point in the asker's areas."""
    found, rows = 0, shelves.rows
    for slot in range(shelves.settled, shelves.used):
        row = rows[slot]
        if not ask.kinds >> row.kind & 1:
            continue
        if row.reach == ON_THE_MAP:
            found = _weigh_on_the_map(
                slot, slot + 1, shelves, outlook, ask, zone_chance, openings, best, found
            )
        elif areas[row.area]:
            found = _weigh(slot, rows, ask, zone_chance, openings, best, found)
    for area in range(min(len(areas), len(shelves.areas) - 1)):
        if areas[area]:
            for slot in range(shelves.areas[area], shelves.areas[area + 1]):
                if ask.kinds >> rows[slot].kind & 1:
                    found = _weigh(slot, rows, ask, zone_chance, openings, best, found)
    return found


@compiled
def walk(
    shelves: Shelves,
    outlook: Outlook,
    areas: NDArray[Any],
    asks: NDArray[Any],
    zone_chance: NDArray[Any],
    openings: Openings,
    limit: int,
) -> Best:
    """The best services of all that match.

    Args:
        shelves: the services.
        outlook: bounds that hold at the time asked about.
        areas: whether each area is the searcher's.
        asks: one row of ASK.
        zone_chance: chance that a door of unknown hours is open then, for each time zone.
        openings: that cover the time asked about.
        limit: how many, at least 1.
    """
    ask, tree = asks[0], shelves.tree
    best = Best(np.empty(limit, np.int64), np.empty((limit, COLUMNS)))
    found = _weigh_elsewhere(shelves, areas, outlook, ask, zone_chance, openings, best)
    heap, costs, waiting = np.empty(1024, np.int32), np.empty(1024), 0
    for kind in range(len(tree.roots)):
        root = tree.roots[kind]
        if ask.kinds >> kind & 1 and root >= 0 and may_match(tree.nodes[root], ask):
            metres = box_m(tree.nodes[root], ask.x, ask.y, ask.z)
            if metres <= ask.max_m:
                cost = _node_minutes(root, metres, ask, outlook)
                waiting = push(heap, costs, waiting, root, cost)
    while waiting > 0:
        if found == limit and costs[0] > best.scores[limit - 1, EXPECTED]:
            break
        node = tree.nodes[heap[0]]
        waiting = drop_first(heap, costs, waiting)
        if waiting + node.count > len(heap):
            heap, costs = np.append(heap, np.empty_like(heap)), np.append(costs, costs)
        first, last = node.first, node.first + node.count
        if node.is_leaf:
            found = _weigh_on_the_map(
                first, last, shelves, outlook, ask, zone_chance, openings, best, found
            )
            continue
        for member in range(first, last):
            if may_match(tree.nodes[member], ask):
                metres = box_m(tree.nodes[member], ask.x, ask.y, ask.z)
                if metres > ask.max_m:
                    continue
                cost = _node_minutes(member, metres, ask, outlook)
                if found < limit or cost <= best.scores[limit - 1, EXPECTED]:
                    waiting = push(heap, costs, waiting, member, cost)
    return Best(best.slots[:found], best.scores[:found])
