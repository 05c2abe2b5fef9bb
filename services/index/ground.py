"""Ways over the ground, from the straight lines that the tree measures: bounds, cheap to work out.

From another continent straight lines differ by much less than the ways do, and to open all that may
be nearer by them would be to open everything.

The least way is a convex function of the straight line, so each tangent of it is a bound for all
lines, and the best one for lines about as long as where it touches. What a node holds is about as
far away as the node: one tangent serves it all, and nothing need be decided for each.
"""

import math
from typing import NamedTuple

from services.compiled import lean
from services.geodesy import EQUATOR_M, POLE_M

FAR_M = 1_800_000.0  # up to here a straight line says more than the angle
FARTHEST_M = 19_900_000.0  # that is promised: nearly opposite on the globe geodesic_m is rough
STEEPEST = 0.9999  # of the sine of half the angle: where a tangent touches at most


class Tangent(NamedTuple):
    """The least metres over the ground for straight lines of some length, as far as it goes."""

    base_m: float
    slope: float


@lean
def tangent_at(straight_m: float) -> Tangent:
    """The best bound for straight lines a bit longer than this; it holds for all.

    No way over the surface is shorter than its shadow on a sphere of the polar radius within; of
    lines as long as FAR_M the angle of that is least where both points are as far from the middle
    as the equator.
    """
    if straight_m < FAR_M:
        return Tangent(0.0, 1.0)
    sine = min(straight_m / (2 * EQUATOR_M), STEEPEST)
    slope = POLE_M / EQUATOR_M / math.sqrt(1 - sine * sine)
    return Tangent(2 * POLE_M * math.asin(sine) - slope * 2 * EQUATOR_M * sine, slope)


@lean
def over_ground_m(straight_m: float, tangent: Tangent) -> float:
    """The least metres over the ground between points with a straight line of so many metres."""
    return min(tangent.base_m + tangent.slope * straight_m, FARTHEST_M)
