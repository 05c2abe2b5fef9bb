"""A packed tree of boxes per kind: which services may still be among the best.

Services are sorted along a curve that keeps neighbours together, and packed into nodes of FANOUT.
A node knows a box in space around its services and what they say of access: enough to pass over
most of a country without looking at it.

Source: the packed Hilbert R-tree (Kamel & Faloutsos 1993), here along a Morton curve.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.compiled import compiled
from services.index.columns import KINDS, ON_THE_MAP, Rows

FANOUT = 16

NODE = np.dtype(
    [
        ("any_yes", "u8"),  # facts that some of its services answer with yes …
        ("any_no", "u8"),
        ("all_yes", "u8"),  # … and that all of them do
        ("all_no", "u8"),
        ("first", "i4"),
        ("count", "i4"),
        ("parent", "i4"),
        ("states", "u1"),  # the latest words of its services, a bit each
        ("is_leaf", "u1"),
    ],
    align=True,
)
WIDER_M = 1.0  # so far, at most, single precision moves a point
EVERY_FACT = np.uint64(2**64 - 1)


class Tree(NamedTuple):
    """The packed trees of all kinds.

    Attributes:
        boxes: of each node the box in space around its services, in metres: the least x, y and z
            and the greatest, shape (nodes, 6). The walk looks at many, so they are small.
        nodes: of NODE; a leaf's ``first`` and ``count`` are rows, another's are nodes of lower
            numbers.
        roots: the root node of each kind's tree, -1 for a kind without services on the map.
        leaf_of: the leaf of each packed row.
    """

    boxes: NDArray[np.float32]
    nodes: NDArray[Any]
    roots: NDArray[np.int32]
    leaf_of: NDArray[np.int32]


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


def packing_order(rows: Rows) -> NDArray[np.intp]:
    """The living rows in the order to pack them: on the map by kind along the curve, then others.

    Those without a point follow by area.
    """
    alive = np.flatnonzero(rows["alive"])
    on_the_map = alive[rows["reach"][alive] == ON_THE_MAP]
    elsewhere = alive[rows["reach"][alive] != ON_THE_MAP]
    chosen = rows[on_the_map]
    by_kind = on_the_map[np.lexsort((morton_keys(chosen), chosen["kind"]))]
    by_area = elsewhere[np.argsort(rows["area"][elsewhere], kind="stable")]
    order: NDArray[np.intp] = np.concatenate([by_kind, by_area])
    return order


def build_tree(rows: Rows) -> Tree:
    """The trees over packed rows, all on the map, ordered by kind and along the curve."""
    kinds = rows["kind"]
    roots = np.full(len(KINDS), -1, dtype=np.int32)
    levels: list[NDArray[Any]] = []
    leaf_of = np.zeros(len(rows), dtype=np.int32)
    made = 0
    for kind in np.unique(kinds):
        first, last = (int(bound) for bound in np.searchsorted(kinds, [kind, kind + 1]))
        level = _grouped(first, last - first, is_leaf=True)
        leaf_of[first:last] = made + np.arange(last - first, dtype=np.int32) // FANOUT
        levels.append(level)
        while len(level) > 1:
            above = _grouped(made, len(level), is_leaf=False)
            made += len(level)
            level["parent"] = made + np.arange(len(level)) // FANOUT
            level = above
            levels.append(level)
        roots[kind] = made
        made += 1
    nodes = np.concatenate(levels) if levels else np.zeros(0, dtype=NODE)
    boxes = np.full((len(nodes), 6), np.inf, dtype=np.float32)
    boxes[:, 3:] = -np.inf
    tree = Tree(boxes, nodes, roots, leaf_of)
    _measure(tree, rows)
    boxes[:, :3] -= WIDER_M
    boxes[:, 3:] += WIDER_M
    return tree


def _grouped(first: int, count: int, *, is_leaf: bool) -> NDArray[Any]:
    """Nodes over ``count`` things in a row, FANOUT to a node."""
    starts = np.arange(0, count, FANOUT)
    nodes = np.zeros(len(starts), dtype=NODE)
    nodes["first"] = starts + first
    nodes["count"] = np.minimum(FANOUT, count - starts)
    nodes["parent"] = -1
    nodes["is_leaf"] = is_leaf
    return nodes


@compiled
def _measure(tree: Tree, rows: NDArray[Any]) -> None:
    """Write what every node knows of its services. A node's number is above its parts'."""
    for number in range(len(tree.nodes)):
        node, box = tree.nodes[number], tree.boxes[number]
        node.all_yes = node.all_no = EVERY_FACT
        for member in range(node.first, node.first + node.count):
            if node.is_leaf:
                row = rows[member]
                widen(node, row)
                _enclose(box, row.x, row.y, row.z, row.x, row.y, row.z)
                continue
            part, inner = tree.nodes[member], tree.boxes[member]
            node.any_yes |= part.any_yes
            node.any_no |= part.any_no
            node.all_yes &= part.all_yes
            node.all_no &= part.all_no
            node.states |= part.states
            _enclose(box, inner[0], inner[1], inner[2], inner[3], inner[4], inner[5])


@compiled
def _enclose(
    box: NDArray[Any], x: float, y: float, z: float, far_x: float, far_y: float, far_z: float
) -> None:
    """Let a box reach round another one."""
    box[0], box[1], box[2] = min(box[0], x), min(box[1], y), min(box[2], z)
    box[3], box[4], box[5] = max(box[3], far_x), max(box[4], far_y), max(box[5], far_z)


@compiled
def widen(node: Any, row: Any) -> None:
    """Let a node allow for the facts and the state of one of its services."""
    node.any_yes |= row.yes
    node.any_no |= row.no
    node.all_yes &= row.yes
    node.all_no &= row.no
    node.states |= np.uint8(1 << row.state)


@compiled
def widen_above(slot: int, tree: Tree, rows: NDArray[Any]) -> None:
    """Let all nodes above a packed row allow for what it says now.

    A node may allow for more than there is, never for less: packing anew tightens it.
    """
    number = tree.leaf_of[slot]
    while number >= 0:
        widen(tree.nodes[number], rows[slot])
        number = tree.nodes[number].parent
