"""The Python and the TypeScript client beside each other, over the same packs and pages.

``PYTHONPATH=clients/python python -m tests.clients.both ADDRESS REGION …``: over those of a server
that runs, such as http://localhost:8000 US-PA.
"""

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from locator_offline import Answer, Question, Store, Sync, Transport
from tests.clients.test_typescript import CLIENT, NODE

SEARCHES = 200
CLOSE = 1e-6  # of minutes and metres
SECONDS = 120  # for all answers


def differences(store: Store, questions: Sequence[Question]) -> list[int]:
    """Numbers of the questions that the clients answer differently, from the same packs."""
    theirs = answers_in_typescript(store, questions)
    pairs = zip(questions, theirs, strict=True)
    return [n for n, (one, their) in enumerate(pairs) if not are_alike(store.search(one), their)]


def answers_in_typescript(store: Store, questions: Sequence[Question]) -> list[dict[str, Any]]:
    """What the TypeScript client answers from what a store has on its disk."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        held = [_written(folder, n, region) for n, region in enumerate(_files(store))]
        asked = {"held": held, "questions": [asdict(one) for one in questions]}
        (folder / "asked.json").write_text(json.dumps(asked))
        command = [str(NODE), str(CLIENT / "test" / "answering.ts"), name]
        done = subprocess.run(command, capture_output=True, check=True, timeout=SECONDS)
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def are_alike(mine: Answer, theirs: dict[str, Any]) -> bool:
    """Whether ids, order, minutes, metres, unknown wishes and wishes given up are the same."""
    rows, numbers = [(one.id, list(one.unmet)) for one in mine.results], list[float]()
    their_numbers = list[float]()
    for one, row in zip(mine.results, theirs["rows"], strict=False):
        numbers += [one.expected_minutes, -1.0 if one.distance_m is None else one.distance_m]
        their_numbers += [row[1], -1.0 if row[2] is None else row[2]]
    same = rows == [(row[0], row[3]) for row in theirs["rows"]]
    near = numbers == pytest.approx(their_numbers, rel=CLOSE, abs=CLOSE)
    return same and near and mine.relaxed == theirs["relaxed"]


def _files(store: Store) -> list[list[bytes]]:
    """Of each region the pack and its pages, in the order in which the regions are held."""
    found = []
    for region in store.regions:
        head, _, rest = store._path(region).read_bytes().partition(b"\n")
        size = json.loads(head)["bytes"]
        found.append([rest[:size], *rest[size + 1 :].split(b"\n")[:-1]])
    return found


def _written(folder: Path, number: int, files: list[bytes]) -> dict[str, Any]:
    names = [f"{number}-{n}.json" for n in range(len(files))]
    for name, data in zip(names, files, strict=True):
        (folder / name).write_bytes(data)
    return {"pack": names[0], "pages": names[1:]}


def questions_in(store: Store, search: Callable[[], dict[str, Any]]) -> list[Question]:
    """Questions near towns of a store, of kinds and facts that it knows."""
    dice = random.Random(7)
    towns = [town for region in store.regions.values() for town in region.towns]
    found = []
    for _ in range(SEARCHES):
        town, asked = dice.choice(towns), search()
        lat, lon = town.lat + dice.gauss(0, 0.1), town.lon + dice.gauss(0, 0.1)
        words = asked | {"lat": lat, "lon": lon, "kinds": tuple(asked["kinds"])}
        found.append(Question(**words))
    return found


def main(address: str, *regions: str) -> None:
    from tests.clients.test_same_order import a_search

    dice = random.Random(2026)
    with tempfile.TemporaryDirectory() as folder:
        sync = Sync(store := Store(folder), Transport(address))
        for region in regions:
            sync.take(region)
            sync.follow(region)
        differ = differences(store, questions_in(store, lambda: a_search(dice)))
    services = sum(len(region.services) for region in store.regions.values())
    print(f"{services} services, {SEARCHES} searches, {len(differ)} answers differ")
    sys.exit(bool(differ))


if __name__ == "__main__":
    import django

    from services.acting import this_process_is_the_system

    this_process_is_the_system()
    django.setup()
    main(*sys.argv[1:])
