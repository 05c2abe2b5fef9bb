"""A stage: where the time of a search goes, step by step, what a walk looks at, what wishes cost.

It says what bounds a search where a goal is not met.
"""

import dataclasses
import datetime as dt
import statistics
import sys
import time
from typing import Any

import psycopg

from tests.bench import results
from tests.bench.names import LOOKED_AT
from tests.bench.setting_up import as_the_system

ROUNDS = {"full": 5, "quick": 1}
SEARCHERS = {"full": 200, "quick": 20}
COUNTED = 10  # searchers of each cell whose walk is counted: that runs uncompiled


def looked_at(cell: Any, at: dt.datetime) -> dict[str, float]:
    """What the walk of a searcher looks at, in the mean: nodes, leaves, services, those weighed."""
    from services.index import live_index
    from tests.services.index.work import walked

    queries = [search.as_query(at) for search in cell.searches(COUNTED)]
    works = [walked(live_index.index, query)[1] for query in queries]
    return {name: statistics.mean(work[name] for work in works) for name in LOOKED_AT}


def round_trip_ms(times: int = 500) -> float:
    """The median milliseconds of a prepared statement that does nothing in PostgreSQL."""
    taken = []
    with psycopg.connect(autocommit=True) as connection:
        for _ in range(times):
            began = time.perf_counter()
            connection.execute("SELECT 1", prepare=True).fetchall()
            taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def main(size: int, pace: str) -> None:
    """Measure and keep the result."""
    from django.utils import timezone

    from services.index import live_index
    from tests.bench.loading import load_index
    from tests.bench.mix import CELLS
    from tests.bench.steps import STEPS, steps_of, timed
    from tests.bench.wishes import dearest

    load_index()
    now, cells = timezone.now(), []
    for cell in CELLS:
        at = cell.at(now)
        live_index.index.move_to(at)
        took = timed(steps_of(cell, at, SEARCHERS[pace]), SEARCHERS[pace], ROUNDS[pace])
        told = dataclasses.asdict(cell) | {"name": str(cell), "looked_at": looked_at(cell, at)}
        cells.append(told | {"steps_ms": dict(zip(STEPS, took, strict=True))})
    told = {"cells": cells, "round_trip_ms": round_trip_ms(), "wishes": dearest(now, pace)}
    results.keep("profile", size, told)


if __name__ == "__main__":
    as_the_system()
    main(int(sys.argv[1]), sys.argv[2])
