"""What the next minutes hold at best: how likely, and how soon, each service can serve somebody.

Worked out once a minute for all services, it lets the walk pass over what is full, closed or not
open yet without looking at it: at three in the morning most of a city.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.compiled import lean
from services.index.cases import best_case
from services.index.columns import HALF_LIFE_MINUTES, NO_HOURS
from services.index.openings import Openings, opening_after
from services.index.scoring import CLOSED_TEMPORARILY, state_at
from services.index.tree import Tree
from services.ranking import (
    CLOSED_KNOWN,
    HORIZON_MINUTES,
    LEAST_CHANCE,
    OPEN_KNOWN,
    PRIOR_STRENGTH,
    fade,
    success_chance,
    try_minutes,
)

NONE = math.inf  # tries: no service is in this case
MOST_TRIES = 1 / LEAST_CHANCE
NOBODY_KNOWS = -1.0  # of a wait: hours are unknown, and the clock decides how likely a door is open
NODE_COLUMNS = 5
MAY_BE_OPEN, CLOSED, LEAST_WAIT, UNKNOWN_HOURS, UNKNOWN_CARE = range(
    NODE_COLUMNS
)  # columns of a node's outlook
ROUNDED = 1e-6  # single precision: a bound is moved so far, and stays a bound


class Outlook(NamedTuple):
    """Bounds on what services can do in a span of time.

    Attributes:
        tries: of each row: how many visits it takes on average at best, until one succeeds.
        waits: of each row: the fewest minutes from a search until it can be used; 0 if it may be
            open, NOBODY_KNOWS if its hours are unknown.
        nodes: of each node of the tree, shape (nodes, 5): the fewest tries of its services that may
            be open; of those that are closed, and the least wait of these; of those of unknown
            hours, and of those of them whose door has known ones. NONE where there are none.
        cases: of each row the best case it can be in, as a bit; none if it is not alive.
        node_cases: of each node those of its services.
        is_for_any_time: whether it always holds; a door of unknown hours counts as open then.
    """

    tries: NDArray[np.float32]
    waits: NDArray[np.float32]
    nodes: NDArray[np.float32]
    cases: NDArray[np.uint16]
    node_cases: NDArray[np.uint16]
    is_for_any_time: bool


@lean
def least_minutes(travel: float, tries: float, wait: float, rarer: float) -> float:
    """The least that a service can cost with this outlook: expected minutes until served.

    Args:
        travel: minutes.
        tries: of it, at least 1 …
        wait: … and minutes, or NOBODY_KNOWS; see ``Outlook``.
        rarer: how many times as many tries it takes if its hours are unknown.
    """
    if wait == NOBODY_KNOWS:
        return try_minutes(travel, 0.0) * _more(tries, rarer)
    if travel > HORIZON_MINUTES:
        return _beyond_horizon(travel, tries)
    return try_minutes(travel, max(0.0, wait - travel)) * tries


@lean
def least_of_node(node: NDArray[Any], travel: float, rarer: float, unknown: int) -> float:
    """The least that any service of a node can cost, as above.

    Args:
        node: its outlook.
        travel, rarer: as above.
        unknown: the column that tells of unknown hours.
    """
    tries = _more(node[unknown], rarer)
    if travel > HORIZON_MINUTES:
        known = _beyond_horizon(travel, min(node[MAY_BE_OPEN], node[CLOSED]))
        return min(known, try_minutes(travel, 0.0) * tries)
    open_ = try_minutes(travel, 0.0) * min(node[MAY_BE_OPEN], tries)
    return min(open_, try_minutes(travel, max(0.0, node[LEAST_WAIT] - travel)) * node[CLOSED])


@lean
def _beyond_horizon(travel: float, tries: float) -> float:
    """As above: who travels for longer than the horizon finds no door of known hours open."""
    return try_minutes(travel, HORIZON_MINUTES) * _more(tries, 1 / CLOSED_KNOWN)


@lean
def _more(tries: float, times: float) -> float:
    """So many times as many tries, and no more than are reckoned with; NONE stays what it is."""
    return min(tries * times, max(tries, MOST_TRIES))


@lean
def outlook_of(
    row: Any, start: float, end: float, best_open: NDArray[Any], openings: Openings
) -> tuple[float, float]:
    """Fewest tries, and fewest minutes of waiting, of one row for searches between two POSIX times.

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
        return (1 - ROUNDED) / max(LEAST_CHANCE, best), wait
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
    tries = (1 - ROUNDED) / max(LEAST_CHANCE, open_ * served)
    return tries, wait if wait == NOBODY_KNOWS else wait * (1 - ROUNDED)


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
        tries, wait, case = NONE, 0.0, 0
        if rows[slot].alive:
            tries, wait = outlook_of(rows[slot], start, end, best_open, openings)
            case = best_case(rows[slot], start, end, openings)
        outlook.tries[slot], outlook.waits[slot], outlook.cases[slot] = tries, wait, case


@lean
def take_in(node: NDArray[Any], row: Any, tries: float, wait: float) -> None:
    """Let a node's outlook be no worse than that of a row."""
    if wait == NOBODY_KNOWS:
        node[UNKNOWN_HOURS] = min(node[UNKNOWN_HOURS], tries)
        if row.door_hours != NO_HOURS:
            node[UNKNOWN_CARE] = min(node[UNKNOWN_CARE], tries)
    elif wait == 0:
        node[MAY_BE_OPEN] = min(node[MAY_BE_OPEN], tries)
    else:
        node[CLOSED] = min(node[CLOSED], tries)
        node[LEAST_WAIT] = min(node[LEAST_WAIT], wait)


@lean
def gather(rows: NDArray[Any], tree: Tree, outlook: Outlook) -> None:
    """Write the outlook of all nodes from that of the rows. A node's number is above its parts'."""
    for number in range(len(tree.nodes)):
        node, own = tree.nodes[number], outlook.nodes[number]
        own[:] = NONE
        outlook.node_cases[number] = 0
        for member in range(node.first, node.first + node.count):
            cases = outlook.cases if node.is_leaf else outlook.node_cases
            outlook.node_cases[number] |= cases[member]
            if node.is_leaf:
                take_in(own, rows[member], outlook.tries[member], outlook.waits[member])
            else:
                for column in range(len(own)):
                    own[column] = min(own[column], outlook.nodes[member, column])


@lean
def _raise_above(slot: int, rows: NDArray[Any], tree: Tree, outlook: Outlook) -> None:
    """Let the nodes above a packed row promise no less than it does."""
    tries, wait = outlook.tries[slot], outlook.waits[slot]
    number = tree.leaf_of[slot]
    while number >= 0:
        outlook.node_cases[number] |= outlook.cases[slot]
        take_in(outlook.nodes[number], rows[slot], tries, wait)
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
            _raise_above(slot, rows, tree, outlook)
