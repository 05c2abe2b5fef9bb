"""The goals, and what was measured against each."""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.bench.names import CONSTANT, GIS, IDS, KNN, NIGHT, OURS, PLAIN, SEARCH, UNFILTERED

FEWEST_WRITES_PER_SECOND = 49.5  # fewer are not fifty; the pace of writers has a jitter
Found = dict[str, dict[int, dict[str, Any]]]

SMALL, MIDDLE, LARGE = 20_000, 200_000, 2_000_000


@dataclass(frozen=True, slots=True)
class Goal:
    """What was aimed at.

    Attributes:
        text: what it says.
        measure: the figure; it may lack in a run, and is a KeyError then.
        bound: it is met when the figure is at most this, or at least if ``more_is_better``.
        form: how figure and bound are written.
    """

    text: str
    measure: Callable[[Found], float]
    bound: float
    form: str = "{:.2f}×"
    more_is_better: bool = False

    def row(self, found: Found) -> list[str]:
        """Its line of the table: the goal, its bound, what was measured, whether it is met."""
        sign = "≥" if self.more_is_better else "≤"
        wanted = f"{sign} {self.form.format(self.bound)}"
        try:
            figure = self.measure(found)
        except (KeyError, ValueError, statistics.StatisticsError):
            return [self.text, wanted, "not measured", "–"]
        met = figure >= self.bound if self.more_is_better else figure <= self.bound
        return [self.text, wanted, self.form.format(figure), "met" if met else "**not met**"]


def medians(found: Found, size: int, name: str) -> dict[str, float]:
    """Milliseconds by cell."""
    cells = found["searches"][size]["taken"][name]
    return {cell: told["median_ms"] for cell, told in cells.items()}


def typical(found: Found, size: int, name: str) -> float:
    """The median over the cells of the mix, in milliseconds."""
    return statistics.median(medians(found, size, name).values())


def shares(found: Found, size: int, other: str = KNN, own: str = OURS) -> dict[str, float]:
    """Our time as a share of another approach's, by cell."""
    ours, others = medians(found, size, own), medians(found, size, other)
    return {cell: ours[cell] / others[cell] for cell in ours if cell in others}


def middle_size(found: Found, stage: str = "searches") -> int:
    """The size the goals are about, or the largest of a small run."""
    sizes = found[stage]
    return MIDDLE if MIDDLE in sizes else max(sizes)


def middle_of(found: Found, stage: str) -> dict[str, Any]:
    """What a stage told at that size."""
    return found[stage][middle_size(found, stage)]


WORST_SHARE, MEDIAN_SHARE = 0.15, 0.08  # of KNN's time
READINGS = {  # of that goal, from the kindest to the strictest
    "ids": ("Ids, of KNN with the cell's filters", IDS, KNN),
    "unfiltered": ("Ids, of KNN without any filter", IDS, UNFILTERED),
    "whole": ("Whole answer, of KNN's ids with the cell's filters", OURS, KNN),
    "whole_unfiltered": ("Whole answer, of KNN's ids without any filter", OURS, UNFILTERED),
}


def within(found: Found) -> dict[str, int]:
    """In how many cells the bound of the worst cell is kept, by reading of the goal."""
    size = middle_size(found)
    kept = {
        name: sum(share <= WORST_SHARE for share in shares(found, size, other, own).values())
        for name, (_, own, other) in READINGS.items()
    }
    return kept | {"cells": len(medians(found, size, OURS))}


def _worst(own: str, other: str) -> Callable[[Found], float]:
    return lambda found: max(shares(found, middle_size(found), other, own).values())


def _median(own: str, other: str) -> Callable[[Found], float]:
    return lambda found: statistics.median(shares(found, middle_size(found), other, own).values())


def searches_per_second(rates: dict[str, Any]) -> float:
    """Of as many by day as at night."""
    return float(statistics.harmonic_mean([rates[name]["per_second"] for name in (SEARCH, NIGHT)]))


def _rate_against(other: str, workers: int) -> Callable[[Found], float]:
    def measure(found: Found) -> float:
        rates = middle_of(found, "http")["rates"][str(workers)]
        return searches_per_second(rates) / float(rates[other]["per_second"])

    return measure


def _steady(found: Found) -> float:
    told = middle_of(found, "http")["steady"]
    return max(float(told[name]["p99_ms"] / told[name]["p50_ms"]) for name in (SEARCH, NIGHT))


def _growth(found: Found) -> float:
    return typical(found, LARGE, OURS) / typical(found, SMALL, OURS)


def _slow_share(found: Found) -> float:
    told = middle_of(found, "freshness")["import"]
    return float(told["slow_seconds"] / told["import_seconds"])


def _freshness(found: Found) -> float:
    told = middle_of(found, "freshness")
    if told["writes_per_second"] < FEWEST_WRITES_PER_SECOND:
        raise KeyError("fewer writes")
    return float(told["p99_ms"])


def _start(size: int) -> Callable[[Found], float]:
    return lambda found: float(found["process"][size]["second_start_seconds"])


def _rates() -> Iterator[Goal]:
    """Against other views, with as many processes as cores, and with one alone."""
    others = [("the constant view's", CONSTANT, 0.5, "{:.3f}×"), ("drf-gis'", GIS, 40, "{:.0f}×")]
    others.append(("DRF and GeoDjango's as usually written", PLAIN, 100, "{:.0f}×"))
    for workers, said in ((2, "two processes"), (1, "one process")):
        for text, name, bound, form in others:
            measure = _rate_against(name, workers)
            yield Goal(f"Requests a second, of {text}: {said}", measure, bound, form, True)


def _times() -> Iterator[Goal]:
    """Against KNN, by each reading."""
    for text, own, other in READINGS.values():
        yield Goal(f"{text}: worst cell", _worst(own, other), WORST_SHARE, "{:.3f}×")
        yield Goal(f"{text}: median cell", _median(own, other), MEDIAN_SHARE, "{:.3f}×")


GOALS = [
    *_rates(),
    *_times(),
    Goal("p99 of p50 under steady load", _steady, 3),
    Goal("Median in process at 2m, of that at 20k", _growth, 3),
    Goal("Memory of a service in each of two processes",
         lambda found: float(middle_of(found, "process")["memory"]["pss"]), 600, "{:,.0f} bytes"),
    Goal("Ready at 200k, from a snapshot", _start(MIDDLE), 3, "{:.2f} s"),
    Goal("Ready at 2m, from a snapshot", _start(LARGE), 20, "{:.2f} s"),
    Goal("Commit → visible in every process, p99 at 50 writes/s",
         _freshness, 1000, "{:.0f} ms"),
    Goal("Import of 20k services: time with search p99 above 2× that before, of its duration",
         _slow_share, 1),
]  # fmt: skip


def rows(found: Found) -> Iterator[list[str]]:
    """The table of all goals."""
    for goal in GOALS:
        yield goal.row(found)
