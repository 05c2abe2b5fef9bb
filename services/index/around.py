"""All services within a distance, compiled: for whoever orders them by something else."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.compiled import compiled
from services.geodesy import geodesic_m
from services.index.bounds import SURELY
from services.index.columns import ON_THE_MAP
from services.index.scoring import Ask


@compiled
def slots_around(
    rows: NDArray[Any], areas: NDArray[Any], ask: Ask
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The slots of all services within the ask's ``max_m``, and their geodesic metres.

    Args:
        rows: of ROW, one a slot.
        areas: whether each area is the asker's; a service without a point counts if its area is.
        ask: the question.

    Returns:
        Slots in order, and metres: infinite for a service without a point.
    """
    slots, metres = np.empty(len(rows), np.int64), np.empty(len(rows))
    found = 0
    for slot in range(len(rows)):
        row = rows[slot]
        if row.alive == 0 or not ask.kinds >> row.kind & 1:
            continue
        distance = math.inf
        if row.reach == ON_THE_MAP:
            straight = math.sqrt((row.x - ask.x) ** 2 + (row.y - ask.y) ** 2 + (row.z - ask.z) ** 2)
            if straight * SURELY > ask.max_m:
                continue  # the true way is never shorter than the straight line
            distance = geodesic_m(ask.lat, ask.lon, row.lat, row.lon)
            if distance > ask.max_m:
                continue
        elif not areas[row.area]:
            continue
        slots[found], metres[found] = slot, distance
        found += 1
    return slots[:found], metres[:found]
