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
from services.geodesy import EQUATOR_M, POLE_M, geodesic_m
from services.index.best import Best, bar_of, keep, none_yet
from services.index.columns import FOUND_BY_AREA, ON_THE_MAP
from services.index.heap import drop_first, push
from services.index.openings import Openings
from services.index.outlook import Outlook, least_minutes, least_of_node, share_of
from services.index.scoring import Ask, facts_match, facts_may_match, matches, score
from services.index.tree import FANOUT, Tree
from services.ranking import AREA_TRAVEL_MINUTES, travel_minutes

SURELY = 1 - 1e-9  # a bound stays a bound when floating point rounds
NEARER_M = 2.0  # so far, at most, single precision moves a straight line
FAR_M = 1_800_000.0  # up to here a straight line says more than the angle
FARTHEST_M = 19_900_000.0  # that is promised: nearly opposite on the globe geodesic_m is rough
ROOM = 1024  # for nodes that wait …
LEAVES = 128  # … and leaves that are opened, until more is needed


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


@lean
def box_m(box: NDArray[Any], x: float, y: float, z: float) -> float:
    """The least metres, straight, from a point in space to anything in a box."""
    dx = max(box[0] - x, 0.0, x - box[3])
    dy = max(box[1] - y, 0.0, y - box[4])
    dz = max(box[2] - z, 0.0, z - box[5])
    return math.sqrt(dx * dx + dy * dy + dz * dz) * SURELY


@lean
def spot_m(spot: NDArray[Any], x: float, y: float, z: float) -> float:
    """The least metres, straight, from a point in space to a service."""
    dx, dy, dz = spot[0] - x, spot[1] - y, spot[2] - z
    return max(0.0, math.sqrt(dx * dx + dy * dy + dz * dz) - NEARER_M)


@lean
def over_ground_m(straight: float) -> float:
    """The least metres over the surface between points with a straight line of so many metres.

    From another continent straight lines differ by much less than the ways do, and to open all that
    may be nearer by them would be to open everything. No way over the surface is shorter than its
    shadow on a sphere of the polar radius within; of lines as long as FAR_M the angle of that is
    least where both points are as far from the middle as the equator.
    """
    if straight < FAR_M:
        return straight  # more than what follows
    angle = 2 * math.asin(min(1.0, straight / (2 * EQUATOR_M)))
    return min(max(straight, POLE_M * angle), FARTHEST_M)


@lean
def _node_minutes(number: int, tree: Tree, outlook: Outlook, ask: Ask, share: float) -> float:
    """The least that any service of a node can cost; infinite if none can match."""
    if tree.kinds[number] & ask.kinds == 0 or outlook.node_cases[number] & ask.cases == 0:
        return math.inf
    if ask.has_facts and not facts_may_match(tree.nodes[number], ask):
        return math.inf
    metres = over_ground_m(box_m(tree.boxes[number], ask.x, ask.y, ask.z))
    if metres > ask.max_m:
        return math.inf
    travel = travel_minutes(metres, ask.speed_kmh)
    return least_of_node(outlook.nodes[number], travel, share) * SURELY


@lean
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
    return keep(score(row, distance, ask, zone_chance, openings), slot, best, found, rows)


@lean
def _slot_minutes(slot: int, shelves: Shelves, outlook: Outlook, ask: Ask, share: float) -> float:
    """The least that a service on the map can cost; infinite if it cannot match."""
    if outlook.cases[slot] & ask.cases == 0:
        return math.inf
    if ask.has_facts and not facts_match(shelves.facts[slot], ask):
        return math.inf
    metres = over_ground_m(spot_m(shelves.spots[slot], ask.x, ask.y, ask.z))
    if metres > ask.max_m:
        return math.inf
    travel = travel_minutes(metres, ask.speed_kmh)
    return least_minutes(travel, outlook.chances[slot], outlook.waits[slot], share) * SURELY


@lean
def _weigh_elsewhere(
    shelves: Shelves,
    areas: NDArray[Any],
    outlook: Outlook,
    share: float,
    ask: Ask,
    zone_chance: NDArray[Any],
    openings: Openings,
    best: Best,
    found: int,
) -> int:
    """Weigh those outside the tree: without a point in the asker's areas, or changed lately."""
    rows = shelves.rows
    for area in range(min(len(areas), len(shelves.areas) - 1)):
        if areas[area]:
            for slot in range(shelves.areas[area], shelves.areas[area + 1]):
                if outlook.cases[slot] & ask.cases == 0:
                    continue
                travel = AREA_TRAVEL_MINUTES if rows[slot].reach == FOUND_BY_AREA else 0.0
                wait = outlook.waits[slot]
                least = least_minutes(travel, outlook.chances[slot], wait, share) * SURELY
                if least <= bar_of(best, found) and ask.kinds >> rows[slot].kind & 1:
                    found = _weigh(slot, rows, ask, zone_chance, openings, best, found)
    for slot in range(shelves.settled, shelves.used):
        row = rows[slot]
        if not ask.kinds >> row.kind & 1 or outlook.cases[slot] & ask.cases == 0:
            continue
        if row.reach == ON_THE_MAP:
            least = _slot_minutes(slot, shelves, outlook, ask, share)
            is_near = least <= bar_of(best, found)
        else:
            is_near = areas[row.area]
        if is_near:
            found = _weigh(slot, rows, ask, zone_chance, openings, best, found)
    return found


@lean
def _look_into(
    leaf: Any, leasts: NDArray[Any], shelves: Shelves, outlook: Outlook, ask: Ask, share: float
) -> float:
    """Write the least that each service of a leaf can cost; returns the least of them."""
    least = math.inf
    for place in range(leaf.count):
        leasts[place] = _slot_minutes(leaf.first + place, shelves, outlook, ask, share)
        least = min(least, leasts[place])
    return least


@lean
def _weigh_cheapest(
    leaf: Any,
    leasts: NDArray[Any],
    cost: float,
    rows: NDArray[Any],
    ask: Ask,
    zone_chance: NDArray[Any],
    openings: Openings,
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
            found = _weigh(leaf.first + place, rows, ask, zone_chance, openings, best, found)
            leasts[place] = math.inf
        least = min(least, leasts[place])
    return found, least


@lean
def _open(
    node: Any,
    tree: Tree,
    outlook: Outlook,
    ask: Ask,
    share: float,
    bar: float,
    heap: NDArray[Any],
    costs: NDArray[Any],
    waiting: int,
) -> int:
    """Let the nodes of a node wait that can hold anything as good as the bar; returns how many."""
    for member in range(node.first, node.first + node.count):
        cost = _node_minutes(member, tree, outlook, ask, share)
        if cost <= bar:
            waiting = push(heap, costs, waiting, member, cost)
    return waiting


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
    tree, nodes, rows = shelves.tree, shelves.tree.nodes, shelves.rows
    best, found, share = none_yet(limit), 0, share_of(outlook, zone_chance)
    heap, costs, waiting = np.empty(ROOM, np.int32), np.empty(ROOM), 0  # an opened leaf: its ~place
    opened, leasts, looked = np.empty(LEAVES, np.int32), np.empty((LEAVES, FANOUT)), 0
    if len(nodes) and tree.kinds[len(nodes) - 1] & ask.kinds:
        waiting = push(heap, costs, waiting, len(nodes) - 1, 0.0)
    while waiting > 0 and costs[0] <= bar_of(best, found):
        number, cost, bar = heap[0], costs[0], bar_of(best, found)
        waiting = drop_first(heap, costs, waiting)
        if number < 0:
            leaf, own = nodes[opened[~number]], leasts[~number]
            found, cost = _weigh_cheapest(
                leaf, own, cost, rows, ask, zone_chance, openings, best, found
            )
            if cost <= bar_of(best, found):
                waiting = push(heap, costs, waiting, number, cost)
        elif nodes[number].is_leaf:
            if looked == len(opened):
                opened, leasts = np.append(opened, opened), np.concatenate((leasts, leasts))
            opened[looked] = number
            cost = _look_into(nodes[number], leasts[looked], shelves, outlook, ask, share)
            if cost <= bar:
                waiting, looked = push(heap, costs, waiting, ~looked, cost), looked + 1
        else:
            if waiting + nodes[number].count > len(heap):
                heap, costs = np.append(heap, heap), np.append(costs, costs)
            node = nodes[number]
            waiting = _open(node, tree, outlook, ask, share, bar, heap, costs, waiting)
    found = _weigh_elsewhere(
        shelves, areas, outlook, share, ask, zone_chance, openings, best, found
    )
    order = best.order[:found]
    return best.slots[order], best.scores[order]
