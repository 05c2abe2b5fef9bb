"""The nearest service of a kind, compiled: what goes with a result, such as naloxone."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.compiled import compiled, lean
from services.geodesy import geodesic_m
from services.index.best import first_by_id
from services.index.bounds import Shelves, box_m
from services.index.columns import ON_THE_MAP
from services.index.heap import drop_first, push
from services.index.scoring import Ask

NONE = -1


@lean
def _nearer(slot: int, best: int, rows: NDArray[Any], x: float, y: float, z: float) -> bool:
    """Whether a slot's service is nearer, or as near and first by id, as the best so far."""
    if best == NONE:
        return True
    one, other = rows[slot], rows[best]
    gap2 = (one.x - x) ** 2 + (one.y - y) ** 2 + (one.z - z) ** 2
    best2 = (other.x - x) ** 2 + (other.y - y) ** 2 + (other.z - z) ** 2
    if gap2 != best2:
        return gap2 < best2
    return first_by_id(one, other)


@compiled
def nearest(kind: int, x: float, y: float, z: float, shelves: Shelves) -> int:
    """The slot of the nearest service of a kind on the map, in a straight line, or NONE.

    Args:
        kind: its code.
        x, y, z: metres from the Earth's middle.
        shelves: the services.
    """
    rows, tree, best = shelves.rows, shelves.tree, NONE
    for slot in range(shelves.settled, shelves.used):
        row = rows[slot]
        if row.kind == kind and row.alive and row.reach == ON_THE_MAP:
            best = slot if _nearer(slot, best, rows, x, y, z) else best
    heap, costs, waiting = np.empty(1024, np.int32), np.empty(1024), 0
    if len(tree.nodes) and tree.kinds[len(tree.nodes) - 1] >> kind & 1:
        waiting = push(heap, costs, waiting, len(tree.nodes) - 1, 0.0)
    while waiting > 0:
        least, node = costs[0], tree.nodes[heap[0]]
        waiting = drop_first(heap, costs, waiting)
        if best != NONE:
            here = rows[best]
            gap = math.sqrt((here.x - x) ** 2 + (here.y - y) ** 2 + (here.z - z) ** 2)
            if least > gap:
                break
        if waiting + node.count > len(heap):
            heap, costs = np.append(heap, np.empty_like(heap)), np.append(costs, costs)
        for member in range(node.first, node.first + node.count):
            if not node.is_leaf:
                if not tree.kinds[member] >> kind & 1:
                    continue
                cost = box_m(tree.boxes[member], x, y, z)
                waiting = push(heap, costs, waiting, member, cost)
            elif rows[member].alive and _nearer(member, best, rows, x, y, z):
                best = member
    return best


@compiled
def companions_of(
    hits: NDArray[Any], wanted: NDArray[Any], ask: Ask, shelves: Shelves
) -> tuple[NDArray[Any], NDArray[Any]]:
    """What goes with each hit: the nearest of a kind to it, or to the asker if it has no point.

    Args:
        hits: of ROW.
        wanted: for each kind of hit the code of the kind that goes with it, or NONE.
        ask: the question.
        shelves: the services.

    Returns:
        Rows, not alive where nothing is to be had; and metres, negative where nothing is wanted.
    """
    found, metres = np.empty(len(hits), hits.dtype), np.full(len(hits), -1.0)
    for n in range(len(hits)):
        hit = hits[n]
        found[n].alive = 0
        kind = wanted[hit.kind]
        if kind == NONE:
            continue
        x, y, z, lat, lon = ask.x, ask.y, ask.z, ask.lat, ask.lon
        if hit.reach == ON_THE_MAP:
            x, y, z, lat, lon = hit.x, hit.y, hit.z, hit.lat, hit.lon
        slot, metres[n] = nearest(kind, x, y, z, shelves), math.inf
        if slot != NONE:
            found[n] = shelves.rows[slot]
            metres[n] = geodesic_m(lat, lon, shelves.rows[slot].lat, shelves.rows[slot].lon)
    return found, metres
