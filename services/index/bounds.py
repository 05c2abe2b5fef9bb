"""The least that a service, or any of those that a node holds, can cost a searcher. Compiled."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.compiled import compiled, lean
from services.index.ground import Tangent, over_ground_m, tangent_at
from services.index.outlook import (
    UNKNOWN_CARE,
    UNKNOWN_HOURS,
    Outlook,
    least_minutes,
    least_of_node,
)
from services.index.scoring import Ask, facts_match, facts_may_match
from services.index.tree import Tree

SURELY = 1 - 1e-9  # a bound stays a bound when floating point rounds
NEARER_M = 2.0  # so far, at most, single precision moves a straight line


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


class Bounds(NamedTuple):
    """What bounds are made with, besides the outlook and the question.

    Attributes:
        tangent: at about where the walk is.
        rarer: how many times as many tries it takes where hours are unknown as the outlook says: in
            nodes of many zones at least, and then in each time zone.
        unknown: the column of a node's outlook that tells of unknown hours.
    """

    tangent: Tangent
    rarer: NDArray[Any]
    unknown: int


@compiled
def bounds_of(outlook: Outlook, ask: Ask, zone_chance: NDArray[Any]) -> Bounds:
    """What bounds are made with everywhere.

    Args:
        outlook: of the time asked about.
        ask: the question.
        zone_chance: chance that a door of unknown hours is open then, for each time zone.
    """
    rarer = np.ones(len(zone_chance) + 1)
    if outlook.is_for_any_time:  # else it was reckoned with
        rarer[0] = math.inf
        for zone in range(len(zone_chance)):
            rarer[zone + 1] = 1 / zone_chance[zone]
            rarer[0] = min(rarer[0], rarer[zone + 1])
    is_strict = ask.open_now and ask.strict  # a door of unknown hours does not match
    return Bounds(tangent_at(0.0), rarer, UNKNOWN_CARE if is_strict else UNKNOWN_HOURS)


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


@compiled
def bounds_within(number: int, tree: Tree, ask: Ask, bounds: Bounds) -> Bounds:
    """The same for all that a node holds."""
    straight_m = box_m(tree.boxes[number], ask.x, ask.y, ask.z)
    return Bounds(tangent_at(straight_m), bounds.rarer, bounds.unknown)


@lean
def node_minutes(number: int, tree: Tree, outlook: Outlook, ask: Ask, bounds: Bounds) -> float:
    """The least that any service of a node can cost; infinite if none can match."""
    if tree.kinds[number] & ask.kinds == 0 or outlook.node_cases[number] & ask.cases == 0:
        return math.inf
    if ask.has_facts and not facts_may_match(tree.nodes[number], ask):
        return math.inf
    metres = over_ground_m(box_m(tree.boxes[number], ask.x, ask.y, ask.z), bounds.tangent)
    if metres > ask.max_m:
        return math.inf
    travel, rarer = metres * ask.minutes_per_m, bounds.rarer[tree.zones[number] + 1]
    return least_of_node(outlook.nodes[number], travel, rarer, bounds.unknown) * SURELY


@lean
def slot_minutes(slot: int, shelves: Shelves, outlook: Outlook, ask: Ask, bounds: Bounds) -> float:
    """The least that a service on the map can cost; infinite if it cannot match."""
    if outlook.cases[slot] & ask.cases == 0:
        return math.inf
    if ask.has_facts and not facts_match(shelves.facts[slot], ask):
        return math.inf
    metres = over_ground_m(spot_m(shelves.spots[slot], ask.x, ask.y, ask.z), bounds.tangent)
    if metres > ask.max_m:
        return math.inf
    return least_of(slot, metres * ask.minutes_per_m, shelves.rows, outlook, bounds)


@lean
def least_of(
    slot: int, travel: float, rows: NDArray[Any], outlook: Outlook, bounds: Bounds
) -> float:
    """The least that a service can cost whoever travels for so many minutes."""
    rarer = 1.0  # without a look at the row
    if outlook.is_for_any_time:
        rarer = bounds.rarer[rows[slot].zone + 1]
    return least_minutes(travel, outlook.tries[slot], outlook.waits[slot], rarer) * SURELY
