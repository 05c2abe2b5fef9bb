"""``python -m tests.clients.speed``: how long it takes to read many services and to search them."""

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

MANY, SEARCHES = 50_000, 60


def main() -> None:
    from services.acting import this_process_is_the_system

    this_process_is_the_system()
    django.setup()
    from locator_offline import Store
    from tests.clients.test_ranking_vectors import question_of
    from tests.clients.test_same_order import a_search
    from tests.clients.worlds import held
    from tests.vectors.world import the_services

    with tempfile.TemporaryDirectory() as folder:
        held(folder, the_services(MANY, seed=1))
        print(f"{(Path(folder) / 'US-PA.pack').stat().st_size / 1e6:.1f} MB on the disk")
        store = timed("read", lambda: Store(folder))
        timed("prepare", lambda: store.world)
        dice, took = random.Random(1), list[float]()
        for _ in range(SEARCHES):
            search = question_of(a_search(dice) | {"limit": 20, "offset": 0})
            start = time.perf_counter()
            store.search(search)
            took.append((time.perf_counter() - start) * 1000)
        cuts = statistics.quantiles(took, n=20)
        told = {"p50": statistics.median(took), "p95": cuts[-1], "most": max(took)}
        print(" ".join(f"{name} {ms:.1f} ms" for name, ms in told.items()))


def timed(name: str, act: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    made = act()
    print(f"{name}: {time.perf_counter() - start:.2f} s", flush=True)
    return made


if __name__ == "__main__":
    main()
