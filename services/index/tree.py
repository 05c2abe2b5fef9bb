"""A packed tree of boxes: which services may still be among the best.

Services are sorted along a curve that keeps neighbours together, and cut into neighbourhoods; in
each of them those of one kind stand together, FANOUT to a leaf. So a search for all kinds goes down
one tree, and one for a single kind passes over whatever is another. A node knows a box in space
around its services, their kinds, and what they say of access.

Source: the packed Hilbert R-tree (Kamel & Faloutsos 1993), here along a Morton curve.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.compiled import lean
from services.index.columns import ON_THE_MAP, Rows

FANOUT = 16
NEIGHBOURHOOD = 512  # services

NODE = np.dtype(
    [
        ("any_yes", "u8"),  # facts that some of its services answer with yes …
        ("any_no", "u8"),
        ("all_yes", "u8"),  # … and that all of them do
        ("all_no", "u8"),
        ("first", "i4"),
        ("count", "i4"),
        ("parent", "i4"),
        ("is_leaf", "u1"),
    ],
    align=True,
)
MANY_ZONES = -1
WIDER_M = 1.0  # so far, at most, single precision moves a point
EVERY_FACT = np.uint64(2**64 - 1)


class Tree(NamedTuple):
    """The packed tree; its root is the last node, if it has any.

    Attributes:
        boxes: of each node the box in space around its services, in metres: the least x, y and z
            and the greatest, shape (nodes, 6). The walk looks at many, so they are small.
        kinds: of each node the kinds of its services, a bit each.
        zones: of each node the time zone of its services, or MANY_ZONES.
        nodes: of NODE; a leaf's ``first`` and ``count`` are rows, all of one kind; another's are
            nodes of lower numbers.
        leaf_of: the leaf of each packed row.
    """

    boxes: NDArray[np.float32]
    kinds: NDArray[np.uint32]
    zones: NDArray[np.int16]
    nodes: NDArray[Any]
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
    """The living rows in the order to pack them: on the map by neighbourhood and kind, then others.

    Those without a point follow by area.
    """
    alive = np.flatnonzero(rows["alive"])
    on_the_map = alive[rows["reach"][alive] == ON_THE_MAP]
    elsewhere = alive[rows["reach"][alive] != ON_THE_MAP]
    along = on_the_map[np.argsort(morton_keys(rows[on_the_map]), kind="stable")]
    by_kind = along[np.lexsort((rows["kind"][along], _neighbourhoods(len(along))))]
    by_area = elsewhere[np.argsort(rows["area"][elsewhere], kind="stable")]
    order: NDArray[np.intp] = np.concatenate([by_kind, by_area])
    return order


def _neighbourhoods(count: int) -> NDArray[np.intp]:
    return np.arange(count) // NEIGHBOURHOOD


def build_tree(rows: Rows) -> Tree:
    """The tree over rows in packing order, all on the map."""
    places, kinds = _neighbourhoods(len(rows)), rows["kind"]
    begins = np.flatnonzero(np.diff(places, prepend=-1) | np.diff(kinds.astype(int), prepend=-1))
    runs = np.repeat(begins, np.diff(begins, append=len(rows)))  # of one kind in a neighbourhood
    starts = np.flatnonzero((np.arange(len(rows)) - runs) % FANOUT == 0)
    level = _nodes(starts, len(rows), offset=0, is_leaf=True)
    leaf_of = np.repeat(np.arange(len(level), dtype=np.int32), level["count"])
    levels, made = [level], 0
    cuts = np.flatnonzero(np.diff(places[starts], prepend=-1))  # leaves that begin a neighbourhood
    while len(level) > 1:
        above = _nodes(cuts, len(level), offset=made, is_leaf=False)
        made += len(level)
        level["parent"] = made + np.repeat(np.arange(len(above)), above["count"])
        level = above
        levels.append(level)
        cuts = np.arange(0, len(level), FANOUT)
    nodes = np.concatenate(levels)
    boxes = np.full((len(nodes), 6), np.inf, dtype=np.float32)
    boxes[:, 3:] = -np.inf
    zones = np.full(len(nodes), MANY_ZONES, np.int16)
    tree = Tree(boxes, np.zeros(len(nodes), np.uint32), zones, nodes, leaf_of)
    _measure(tree, rows)
    boxes[:, :3] -= WIDER_M
    boxes[:, 3:] += WIDER_M
    return tree


def _nodes(starts: NDArray[Any], count: int, *, offset: int, is_leaf: bool) -> NDArray[Any]:
    """Nodes over ``count`` things in a row, which begin at ``offset``; cut at ``starts``."""
    nodes = np.zeros(len(starts), dtype=NODE)
    nodes["first"] = starts + offset
    nodes["count"] = np.diff(starts, append=count)
    nodes["parent"] = -1
    nodes["is_leaf"] = is_leaf
    return nodes


@lean
def _measure(tree: Tree, rows: NDArray[Any]) -> None:
    """Write what every node knows of its services. A node's number is above its parts'."""
    for number in range(len(tree.nodes)):
        node, box = tree.nodes[number], tree.boxes[number]
        node.all_yes = node.all_no = EVERY_FACT
        tree.zones[number] = rows[node.first].zone if node.is_leaf else tree.zones[node.first]
        for member in range(node.first, node.first + node.count):
            if node.is_leaf:
                row = rows[member]
                widen(node, row)
                _share_zone(number, row.zone, tree)
                tree.kinds[number] |= np.uint32(1 << row.kind)
                _enclose(box, (row.x, row.y, row.z), (row.x, row.y, row.z))
                continue
            part, inner = tree.nodes[member], tree.boxes[member]
            tree.kinds[number] |= tree.kinds[member]
            _share_zone(number, tree.zones[member], tree)
            node.any_yes |= part.any_yes
            node.any_no |= part.any_no
            node.all_yes &= part.all_yes
            node.all_no &= part.all_no
            _enclose(box, (inner[0], inner[1], inner[2]), (inner[3], inner[4], inner[5]))


@lean
def _enclose(
    box: NDArray[Any], low: tuple[float, float, float], high: tuple[float, float, float]
) -> None:
    """Let a box reach round another one."""
    for axis in range(3):
        box[axis] = min(box[axis], low[axis])
        box[axis + 3] = max(box[axis + 3], high[axis])


@lean
def _share_zone(number: int, zone: int, tree: Tree) -> None:
    """Let a node allow for services of a zone."""
    if tree.zones[number] != zone:
        tree.zones[number] = MANY_ZONES


@lean
def widen(node: Any, row: Any) -> None:
    """Let a node allow for the facts of one of its services."""
    node.any_yes |= row.yes
    node.any_no |= row.no
    node.all_yes &= row.yes
    node.all_no &= row.no


@lean
def widen_above(slot: int, tree: Tree, rows: NDArray[Any]) -> None:
    """Let all nodes above a packed row allow for what it says now.

    A node may allow for more than there is, never for less: packing anew tightens it.
    """
    number = tree.leaf_of[slot]
    while number >= 0:
        widen(tree.nodes[number], rows[slot])
        _share_zone(number, rows[slot].zone, tree)
        number = tree.nodes[number].parent
