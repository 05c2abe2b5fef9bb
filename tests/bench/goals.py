"""The goals, and what was measured against each."""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Found = dict[str, dict[int, dict[str, Any]]]

OURS = "search in process"
IDS = "search in process, ids alone"  # what KNN gives, too
KNN = "PostGIS KNN, geography"
SEARCH = "search, whole answer"
CONSTANT = "constant view, bare Django"
GIS = "drf-gis, nearest"
PLAIN = "DRF and GeoDjango, as usually written"
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


def middle_of(found: Found, stage: str) -> dict[str, Any]:
    """What a stage told at the size the goals are about, or at the largest of a small run."""
    sizes = found[stage]
    return sizes[MIDDLE if MIDDLE in sizes else max(sizes)]


def _shares_of_knn(found: Found) -> list[float]:
    return list(shares(found, _middle_size(found), own=IDS).values())


def _middle_size(found: Found) -> int:
    sizes = found["searches"]
    return MIDDLE if MIDDLE in sizes else max(sizes)


def _rate_against(other: str, workers: str = "2") -> Callable[[Found], float]:
    def measure(found: Found) -> float:
        rates = middle_of(found, "http")["rates"][workers]
        return float(rates[SEARCH]["per_second"] / rates[other]["per_second"])

    return measure


def _steady(found: Found) -> float:
    told = middle_of(found, "http")["steady"][SEARCH]
    return float(told["p99_ms"] / told["p50_ms"])


def _growth(found: Found) -> float:
    return typical(found, LARGE, OURS) / typical(found, SMALL, OURS)


def _slow_share(found: Found) -> float:
    told = middle_of(found, "freshness")["import"]
    return float(told["slow_seconds"] / told["import_seconds"])


def _start(size: int) -> Callable[[Found], float]:
    return lambda found: float(found["process"][size]["second_start_seconds"])


GOALS = [
    Goal("Requests a second, of the constant view's", _rate_against(CONSTANT), 0.5,
         more_is_better=True),
    Goal("Requests a second, of drf-gis'", _rate_against(GIS), 40, "{:.0f}×", more_is_better=True),
    Goal("Requests a second, of DRF and GeoDjango's as usually written", _rate_against(PLAIN), 100,
         "{:.0f}×", more_is_better=True),
    Goal("Search in process, ids alone, of plain PostGIS KNN: the worst cell",
         lambda found: max(_shares_of_knn(found)), 0.15),
    Goal("Search in process, ids alone, of plain PostGIS KNN: the median cell",
         lambda found: statistics.median(_shares_of_knn(found)), 0.08),
    Goal("p99 of p50 under steady load", _steady, 3),
    Goal("Median in process at 2m, of that at 20k", _growth, 3),
    Goal("Memory of a service in each of two processes",
         lambda found: float(middle_of(found, "process")["memory"]["pss"]), 600, "{:,.0f} bytes"),
    Goal("Ready at 200k, second start", _start(MIDDLE), 3, "{:.1f} s"),
    Goal("Ready at 2m, second start", _start(LARGE), 20, "{:.1f} s"),
    Goal("Commit → visible in every process, p99 at 50 writes/s",
         lambda found: float(middle_of(found, "freshness")["p99_ms"]), 1000, "{:.0f} ms"),
    Goal("Import of 20k services: time with search p99 above 2× that before, of its duration",
         _slow_share, 1),
]  # fmt: skip


def rows(found: Found) -> Iterator[list[str]]:
    """The table of all goals."""
    for goal in GOALS:
        yield goal.row(found)
