"""A stage: every approach answers every cell of the mix, in turns, within this process."""

import dataclasses
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

from tests.bench.setting_up import as_the_system

ROUNDS = {"full": 4, "quick": 1}
BATCH_SECONDS = {"full": 0.1, "quick": 0.01}  # of each approach, in each cell, in each round
MOST = 40  # searches in a batch
SLOW_SECONDS = 0.25  # an approach that takes longer in a cell is asked in the first round only
ROUNDS_IF_SLOW = 1


def main(size: int, pace: str) -> None:
    """Measure and keep the result."""
    from django.utils import timezone

    from tests.bench import results
    from tests.bench.approaches import approaches
    from tests.bench.mix import CELLS

    now, ways = timezone.now(), approaches(size)
    moments = sorted({cell.at(now) for cell in CELLS})
    for way in ways:
        began = time.monotonic()
        way.prepare(moments)
        print(f"  {way.name}: prepared in {time.monotonic() - began:.1f} s", flush=True)
    taken: dict[str, dict[str, list[float]]] = {way.name: {} for way in ways}
    try:
        for number in range(ROUNDS[pace]):
            _round(ways, number, now, taken, BATCH_SECONDS[pace])
            results.keep("searches", size, {"cells": _cells(), "taken": _summed(taken)})
        minute = _new_minutes(now)
    finally:
        for way in ways:
            way.close()
    told = {"cells": _cells(), "taken": _summed(taken), "new_minute_ms": minute}
    results.keep("searches", size, told)


def _round(
    ways: list[Any],
    number: int,
    now: Any,
    taken: dict[str, dict[str, list[float]]],
    seconds: float,
) -> None:
    from tests.bench.mix import CELLS

    moment = None
    for cell in CELLS:
        at = cell.at(now)
        searches = cell.searches()
        for way in ways:
            if at != moment and hasattr(way, "about"):
                way.about(at)
            times = taken[way.name].setdefault(str(cell), [])
            slow = times and statistics.median(times) > SLOW_SECONDS
            if not (slow and number >= ROUNDS_IF_SLOW):
                times += _batch(way, searches[number * MOST :] + searches, at, seconds)
        moment = at


def _batch(way: Any, searches: list[Any], at: Any, seconds: float) -> list[float]:
    """Seconds of each search; the first one only warms up, unless it was slow by itself."""
    began = time.perf_counter()
    way.answer(searches[-1], at)
    first = time.perf_counter() - began
    if first > SLOW_SECONDS:
        return [first]
    return list(_timed(way, searches[:MOST], at, seconds))


def _timed(way: Any, searches: list[Any], at: Any, seconds: float) -> Iterator[float]:
    end = time.perf_counter() + seconds
    for search in searches:
        began = time.perf_counter()
        way.answer(search, at)
        done = time.perf_counter()
        yield done - began
        if done > end:
            return


def _new_minutes(now: Any) -> float:
    """Median milliseconds of looking ahead, which the index does once a minute beside searches."""
    import datetime as dt

    from services.index import live_index
    from tests.bench.mix import CELLS

    times = []
    for number in range(1, 11):
        at = CELLS[0].at(now) + dt.timedelta(minutes=2 * number)
        began = time.perf_counter()
        live_index.index.move_to(at)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def _cells() -> list[dict[str, Any]]:
    from tests.bench.mix import CELLS

    return [dataclasses.asdict(cell) | {"name": str(cell)} for cell in CELLS]


def _summed(taken: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, dict[str, float]]]:
    """Milliseconds: the median and the slowest hundredth, by approach and cell."""
    return {
        name: {
            cell: {
                "median_ms": statistics.median(times) * 1000,
                "p99_ms": slowest_hundredth(times) * 1000,
                "searches": len(times),
            }
            for cell, times in cells.items()
            if times
        }
        for name, cells in taken.items()
    }


def slowest_hundredth(times: list[float]) -> float:
    """The 99th percentile, or the largest of fewer than a hundred."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


if __name__ == "__main__":
    as_the_system()
    main(int(sys.argv[1]), sys.argv[2])
