"""A packed tree of boxes per kind: which services may still be among the best.

Services are sorted along a curve that keeps neighbours together, and packed into nodes of FANOUT.
A node knows a box in space around its services, the best chance any of them can have, and whether
the hours of any are known: enough to bound from below what its services can cost.

Source: the packed Hilbert R-tree (Kamel & Faloutsos 1993), here along a Morton curve.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.index.columns import KINDS, NO_HOURS, Rows
from services.ranking import PRIOR_STRENGTH

FANOUT = 16

NODE = np.dtype(
    [
        ("low", "f8", (3,)),
        ("high", "f8", (3,)),
        ("best_chance", "f8"),
        ("first", "i4"),
        ("count", "i4"),
        ("parent", "i4"),
        ("is_leaf", "u1"),
        ("hours_known", "u1"),
    ],
    align=True,
)


@dataclass(frozen=True, slots=True)
class Tree:
    """The packed trees of all kinds.

    Attributes:
        nodes: of NODE; a leaf's ``first`` and ``count`` point into ``order``, another's into nodes.
        order: slots of services, leaf by leaf.
        roots: the root node of each kind's tree, -1 for a kind without services.
        leaf_of: the leaf of each slot, -1 for a slot that is not in the tree.
    """

    nodes: NDArray[Any]
    order: NDArray[np.int32]
    roots: NDArray[np.int32]
    leaf_of: NDArray[np.int32]


def best_chances(rows: Rows) -> NDArray[np.float64]:
    """The best chance each service can have at any time: all evidence for, none against."""
    pro = rows["evidence_for"]
    best: NDArray[np.float64] = (PRIOR_STRENGTH * rows["prior"] + pro) / (PRIOR_STRENGTH + pro)
    return best


def morton_keys(rows: Rows) -> NDArray[np.uint64]:
    """Where each service lies along the curve: 29 bits of latitude and longitude, interleaved."""
    key = np.zeros(len(rows), dtype=np.uint64)
    for shift, degrees, span in ((0, rows["lon"] + 180, 360), (1, rows["lat"] + 90, 180)):
        bits = np.minimum(degrees / span * 2**29, 2**29 - 1).astype(np.uint64)
        for step, mask in (
            (16, 0x0000FFFF0000FFFF),
            (8, 0x00FF00FF00FF00FF),
            (4, 0x0F0F0F0F0F0F0F0F),
            (2, 0x3333333333333333),
            (1, 0x5555555555555555),
        ):
            bits = (bits | (bits << np.uint64(step))) & np.uint64(mask)
        key |= bits << np.uint64(shift)
    return key


def build_tree(rows: Rows, slots: NDArray[np.int32]) -> Tree:
    """Pack services into trees.

    Args:
        rows: all rows.
        slots: those that are alive and on the map.
    """
    chosen = rows[slots]
    order = slots[np.lexsort((morton_keys(chosen), chosen["kind"]))]
    kinds = rows["kind"][order]
    roots = np.full(len(KINDS), -1, dtype=np.int32)
    levels: list[NDArray[Any]] = []
    made = 0
    for kind in np.unique(kinds):
        first, last = np.searchsorted(kinds, [kind, kind + 1])
        level = _leaves(rows, order, int(first), int(last))
        levels.append(level)
        while len(level) > 1:
            above = _parents(level, made)
            made += len(level)
            level = above
            levels.append(level)
        roots[kind] = made
        made += len(level)
    nodes = np.concatenate(levels) if levels else np.zeros(0, dtype=NODE)
    return Tree(nodes, order.astype(np.int32), roots, _link(nodes, order, roots, len(rows)))


def _leaves(rows: Rows, order: NDArray[np.int32], first: int, last: int) -> NDArray[Any]:
    members = rows[order[first:last]]
    starts = np.arange(0, last - first, FANOUT)
    leaves = np.zeros(len(starts), dtype=NODE)
    points = np.stack([members["x"], members["y"], members["z"]], axis=1)
    leaves["low"] = np.minimum.reduceat(points, starts)
    leaves["high"] = np.maximum.reduceat(points, starts)
    leaves["best_chance"] = np.maximum.reduceat(best_chances(members), starts)
    leaves["hours_known"] = np.maximum.reduceat(
        (members["care_hours"] != NO_HOURS).astype(np.uint8), starts
    )
    leaves["first"] = starts + first
    leaves["count"] = np.minimum(FANOUT, last - first - starts)
    leaves["is_leaf"] = 1
    return leaves


def _parents(level: NDArray[Any], offset: int) -> NDArray[Any]:
    starts = np.arange(0, len(level), FANOUT)
    parents = np.zeros(len(starts), dtype=NODE)
    parents["low"] = np.minimum.reduceat(level["low"], starts)
    parents["high"] = np.maximum.reduceat(level["high"], starts)
    parents["best_chance"] = np.maximum.reduceat(level["best_chance"], starts)
    parents["hours_known"] = np.maximum.reduceat(level["hours_known"], starts)
    parents["first"] = starts + offset
    parents["count"] = np.minimum(FANOUT, len(level) - starts)
    return parents


def _link(
    nodes: NDArray[Any], order: NDArray[np.int32], roots: NDArray[np.int32], rows: int
) -> NDArray[np.int32]:
    """Write every node's parent; return every slot's leaf."""
    leaf_of = np.full(rows, -1, dtype=np.int32)
    nodes["parent"] = -1
    for is_leaf in (True, False):
        numbers = np.flatnonzero(nodes["is_leaf"] == is_leaf)
        numbers = numbers[np.argsort(nodes["first"][numbers])]
        members = np.repeat(numbers, nodes["count"][numbers])  # in order, none left out
        if is_leaf:
            leaf_of[order] = members
        else:
            inner = np.setdiff1d(np.arange(len(nodes)), roots[roots >= 0], assume_unique=True)
            nodes["parent"][inner] = members
    return leaf_of
