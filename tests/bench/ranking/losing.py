"""Where the minutes lie that this ranking takes more than the oracle."""

from dataclasses import dataclass

import numpy as np

from tests.bench.ranking.making import KINDS, SEARCHERS, Floats
from tests.bench.ranking.measuring import Made
from tests.bench.ranking.visiting import Trips

WORST = (0.01, 0.05, 0.2)  # shares of searches


@dataclass(frozen=True, slots=True)
class Loss:
    """What an order takes more than the oracle in a world, over all searches that could be solved.

    Attributes:
        mean: minutes.
        worst: share of all loss that the worst searches carry, by each share of WORST.
        under_a_minute: share of searches that lose less.
        by_kind: minutes lost in all searches for a kind, in the order of KINDS.
        searches: how many there were, likewise.
    """

    mean: float
    worst: list[float]
    under_a_minute: float
    by_kind: Floats
    searches: Floats


def loss_of(made: Made, trips: Trips) -> Loss:
    """Where an order loses minutes."""
    chosen = made.solvable
    lost = (trips.minutes - made.oracle)[chosen]
    kind = made.towns.kind[np.flatnonzero(chosen) // SEARCHERS]
    ordered = np.sort(lost)[::-1]
    return Loss(
        mean=float(lost.mean()),
        worst=[float(ordered[: round(share * len(lost))].sum() / lost.sum()) for share in WORST],
        under_a_minute=float((lost < 1).mean()),
        by_kind=np.bincount(kind, weights=lost, minlength=len(KINDS)).astype(float),
        searches=np.bincount(kind, minlength=len(KINDS)).astype(float),
    )
