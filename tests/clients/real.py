"""``python -m tests.clients.real``: the client's answers beside the index's, on the demo's data.

It reads the database of ``make run``, and packs everything as one region.
"""

import random
import statistics
import sys
import tempfile
import time
from typing import Any

import django

SEARCHES, LIMIT = 1_000, 20
CLOSE = 1e-6  # of the minutes


def main() -> None:
    from services.acting import this_process_is_the_system

    this_process_is_the_system()
    django.setup()
    from tests.vectors import answers

    services, towns = the_data()
    index, store = answers.index_of(services), the_store(services)
    answers.gazetteer = the_gazetteer  # type: ignore[assignment]
    dice, took, differ = random.Random(5), list[float](), 0
    for _ in range(SEARCHES):
        search = a_search(dice, towns)
        rows, relaxed = answers.answer(index, search)
        start = time.perf_counter()
        found = store.search(question(search))
        took.append((time.perf_counter() - start) * 1000)
        differ += not are_alike(found, rows, relaxed)
    print(f"{len(services)} services, {SEARCHES} searches, {differ} answers differ")
    print(
        f"p50 {statistics.median(took):.1f} ms, p95 {statistics.quantiles(took, n=20)[-1]:.1f} ms"
    )
    sys.exit(bool(differ))


def the_gazetteer() -> Any:
    from services.gazetteer import gazetteer

    return gazetteer


def the_data() -> tuple[list[Any], list[Any]]:
    from services.listing import listed_services

    places = the_gazetteer().ensure()
    points, numbers = places.points.tolist(), places.numbers.tolist()
    towns = [(*point, places.areas[n]) for point, n in zip(points, numbers, strict=True)]
    return list(listed_services()), towns


def the_store(services: list[Any]) -> Any:
    from locator_offline import Store
    from services.packs.body import bodies_of
    from tests.clients.worlds import REGION, listed
    from tests.vectors.world import NOW

    towns = the_gazetteer().towns_in(the_gazetteer().ensure().areas)
    more: dict[str, Any] = {"areas": [], "languages": ["en"], "cursor": "c1", "towns": towns}
    pack = bodies_of(services, region=REGION, day=NOW.date(), **more)["en"]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(folder)
        store.put(listed(pack), pack)
    return store


def a_search(dice: random.Random, towns: list[Any]) -> dict[str, Any]:
    from tests.clients.test_same_order import a_search as anywhere
    from tests.vectors.world import NOW

    lat, lon, _area = dice.choice(towns)
    at = NOW.timestamp() + dice.uniform(0, 86_400) * dice.choice([1, 7, 100])
    place = {"lat": lat + dice.gauss(0, 0.1), "lon": lon + dice.gauss(0, 0.1), "at": at}
    return anywhere(dice) | place | {"limit": LIMIT}


def question(search: dict[str, Any]) -> Any:
    from tests.clients.test_ranking_vectors import question_of

    return question_of(search)


def are_alike(found: Any, rows: list[Any], relaxed: list[str]) -> bool:
    told = [(one.id, list(one.unmet)) for one in found.results]
    wanted = [(row[0], row[7]) for row in rows]
    minutes = zip(found.results, rows, strict=False)
    near = all(abs(one.expected_minutes - row[1]) <= CLOSE * row[1] for one, row in minutes)
    return told == wanted and found.relaxed == relaxed and near


if __name__ == "__main__":
    main()
