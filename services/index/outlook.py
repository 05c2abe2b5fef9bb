"""What the next minutes hold at best: how likely, and how soon, each service can serve somebody.

Worked out once a minute for all services, it lets the walk pass over what is full, closed or not
open yet without looking at it: at three in the morning most of a city.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.compiled import compiled, lean
from services.index.cases import best_case
from services.index.columns import HALF_LIFE_MINUTES, NO_HOURS
from services.index.openings import Openings, opening_after
from services.index.scoring import CLOSED_TEMPORARILY, state_at
from services.index.tree import Tree
from services.ranking import (
    CLOSED_KNOWN,
    HORIZON_MINUTES,
    OPEN_KNOWN,
    PRIOR_STRENGTH,
    expected_minutes,
    fade,
    success_chance,
)

NONE = -1.0  # of a chance: no service is in this case
NOBODY_KNOWS = -1.0  # of a wait: hours are unknown, and the clock decides how likely a door is open
MAY_BE_OPEN, CLOSED, LEAST_WAIT, UNKNOWN_HOURS = range(4)  # columns of a node's outlook
ROUNDED = 1e-6  # single precision: a bound is moved so far, and stays a bound


class Outlook(NamedTuple):
    """Bounds on what services can do in a span of time.

    Attributes:
        chances: of each row: the best chance that a visit succeeds.
        waits: of each row: the fewest minutes from a search until it can be used; 0 if it may be
            open, NOBODY_KNOWS if its hours are unknown.
        nodes: of each node of the tree, shape (nodes, 4): the best chance of its services that may
            be open, the best of those that are closed and the least wait of these, and the best of
            those of unknown hours. NONE where there are none.
        cases: of each row the best case it can be in, as a bit; none if it is not alive.
        node_cases: of each node those of its services.
        is_for_any_time: whether it always holds; a door of unknown hours counts as open then.
    """

    chances: NDArray[np.float32]
    waits: NDArray[np.float32]
    nodes: NDArray[np.float32]
    cases: NDArray[np.uint16]
    node_cases: NDArray[np.uint16]
    is_for_any_time: bool


@compiled
def share_of(outlook: Outlook, zone_chance: NDArray[Any]) -> float:
    """How much of the chances of unknown hours is left at the time asked about, at most."""
    if not outlook.is_for_any_time or len(zone_chance) == 0:
        return 1.0
    return zone_chance.max()


@lean
def least_minutes(travel: float, chance: float, wait: float, share: float) -> float:
    """The least that a service can cost with this outlook: expected minutes until served.

    Whoever travels for longer than the horizon finds no door of known hours open.
    """
    if chance == NONE:
        return math.inf
    if wait == NOBODY_KNOWS:
        return expected_minutes(travel, 0.0, 1.0, chance * share)
    if travel > HORIZON_MINUTES:
        return expected_minutes(travel, HORIZON_MINUTES, CLOSED_KNOWN, chance)
    return expected_minutes(travel, max(0.0, wait - travel), 1.0, chance)


@lean
def least_of_node(node: NDArray[Any], travel: float, share: float) -> float:
    """The least that any service of a node can cost, as above."""
    least = least_minutes(travel, node[MAY_BE_OPEN], 0.0, share)
    least = min(least, least_minutes(travel, node[CLOSED], node[LEAST_WAIT], share))
    return min(least, least_minutes(travel, node[UNKNOWN_HOURS], NOBODY_KNOWS, share))


@lean
def outlook_of(
    row: Any, start: float, end: float, best_open: NDArray[Any], openings: Openings
) -> tuple[float, float]:
    """Best chance, and fewest minutes of waiting, of one row for searches between two POSIX times.

    Args:
        row: of ROW.
        start, end: the span; endless to hold at any time.
        best_open: for each time zone the best chance in the span that a door of unknown hours is
            open.
        openings: that cover the span, unless it is endless.
    """
    if end == math.inf:
        best = (PRIOR_STRENGTH * row.prior + row.evidence_for) / (PRIOR_STRENGTH + row.evidence_for)
        wait = NOBODY_KNOWS if row.care_hours == NO_HOURS else 0.0
        return best * (1 + ROUNDED), wait
    half_life, at = HALF_LIFE_MINUTES[row.kind], row.evidence_at
    pro, contra = row.evidence_for, row.evidence_against
    first = success_chance(row.prior, pro, contra, fade((start - at) / 60, half_life))
    last = success_chance(row.prior, pro, contra, fade((end - at) / 60, half_life))
    served = max(first, last)  # between them it only rises or only falls
    wait, open_ = 0.0, OPEN_KNOWN
    if row.care_hours == NO_HOURS:
        wait, open_ = NOBODY_KNOWS, best_open[row.zone]
    else:
        position = opening_after(row.care_hours, start, openings)
        if position == openings.bounds[row.care_hours + 1]:
            wait, open_ = HORIZON_MINUTES, CLOSED_KNOWN
        else:
            wait = max(0.0, (openings.opens[position] - end) / 60)
            if wait > HORIZON_MINUTES:
                wait, open_ = HORIZON_MINUTES, CLOSED_KNOWN
    if state_at(row, end) == CLOSED_TEMPORARILY:
        open_ = 0.0
    return open_ * served * (1 + ROUNDED), wait if wait == NOBODY_KNOWS else wait * (1 - ROUNDED)


@lean
def look(
    rows: NDArray[Any],
    first: int,
    used: int,
    start: float,
    end: float,
    best_open: NDArray[Any],
    openings: Openings,
    outlook: Outlook,
) -> None:
    """Write the outlook of rows from ``first`` on; those that are not alive can do nothing."""
    for slot in range(first, used):
        chance, wait, case = NONE, 0.0, 0
        if rows[slot].alive:
            chance, wait = outlook_of(rows[slot], start, end, best_open, openings)
            case = best_case(rows[slot], start, end, openings)
        outlook.chances[slot], outlook.waits[slot], outlook.cases[slot] = chance, wait, case


@lean
def take_in(node: NDArray[Any], chance: float, wait: float) -> None:
    """Let a node's outlook be no worse than that of a row."""
    if wait == NOBODY_KNOWS:
        node[UNKNOWN_HOURS] = max(node[UNKNOWN_HOURS], chance)
    elif wait == 0:
        node[MAY_BE_OPEN] = max(node[MAY_BE_OPEN], chance)
    else:
        node[CLOSED] = max(node[CLOSED], chance)
        node[LEAST_WAIT] = min(node[LEAST_WAIT], wait)


@lean
def _take_in_part(node: NDArray[Any], part: NDArray[Any]) -> None:
    """Let a node's outlook be no worse than that of a node below it."""
    for column in (MAY_BE_OPEN, CLOSED, UNKNOWN_HOURS):
        node[column] = max(node[column], part[column])
    node[LEAST_WAIT] = min(node[LEAST_WAIT], part[LEAST_WAIT])


@lean
def gather(tree: Tree, outlook: Outlook) -> None:
    """Write the outlook of all nodes from that of the rows. A node's number is above its parts'."""
    for number in range(len(tree.nodes)):
        node, own = tree.nodes[number], outlook.nodes[number]
        own[:], own[LEAST_WAIT] = NONE, math.inf
        outlook.node_cases[number] = 0
        for member in range(node.first, node.first + node.count):
            cases = outlook.cases if node.is_leaf else outlook.node_cases
            outlook.node_cases[number] |= cases[member]
            if node.is_leaf:
                take_in(own, outlook.chances[member], outlook.waits[member])
            else:
                _take_in_part(own, outlook.nodes[member])


@lean
def _raise_above(slot: int, tree: Tree, outlook: Outlook) -> None:
    """Let the nodes above a packed row promise no less than it does."""
    chance, wait = outlook.chances[slot], outlook.waits[slot]
    number = tree.leaf_of[slot]
    while number >= 0:
        outlook.node_cases[number] |= outlook.cases[slot]
        take_in(outlook.nodes[number], chance, wait)
        number = tree.nodes[number].parent


@lean
def follow(
    slots: NDArray[np.int64],
    rows: NDArray[Any],
    tree: Tree,
    start: float,
    end: float,
    best_open: NDArray[Any],
    openings: Openings,
    outlook: Outlook,
) -> None:
    """Write the outlook of rows that changed, and let the nodes above them promise no less."""
    for slot in slots:
        look(rows, slot, slot + 1, start, end, best_open, openings, outlook)
        if slot < len(tree.leaf_of):
            _raise_above(slot, tree, outlook)
