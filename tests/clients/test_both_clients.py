"""Both clients give the same answers from the same packs and pages, of a large state's size."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from locator_offline import Store
from services.listing import ListedService
from tests.clients.both import SEARCHES, are_alike, differences
from tests.clients.test_ranking_vectors import question_of
from tests.clients.test_same_order import a_search
from tests.clients.worlds import REGION, a_pack, a_page, held, listed
from tests.vectors.world import the_services

SERVICES = the_services(2_100, seed=23)
NEIGHBOUR = "US-NJ"


def told_otherwise(services: Sequence[ListedService]) -> list[ListedService]:
    """The same services, each with what was reported of another."""
    words = [one.word for one in services]
    return [one._replace(word=word) for one, word in zip(services, words[::-1], strict=True)]


def two_regions(folder: Path) -> Store:
    """Two packs that share services, told otherwise, and a page that makes the first the later."""
    store = held(folder, SERVICES[:1_200])
    pack = a_pack(told_otherwise(SERVICES[900:2_000]))
    pack = pack.replace(f'"region":"{REGION}"'.encode(), f'"region":"{NEIGHBOUR}"'.encode(), 1)
    store.put(replace(listed(pack), region=NEIGHBOUR), pack)
    changed, gone = told_otherwise(SERVICES[800:950]) + SERVICES[2_000:], SERVICES[:30]
    store.apply(REGION, a_page(changed, [one.id for one in gone]))
    return store


def test_two_hundred_searches(tmp_path: Path) -> None:
    store, dice = two_regions(tmp_path), random.Random(23)
    questions = [question_of(a_search(dice)) for _ in range(SEARCHES)]
    assert differences(store, questions) == []
    again = Store(tmp_path)
    assert list(again.regions) == [NEIGHBOUR, REGION]
    assert differences(again, questions[:20]) == []


def test_the_comparison_sees_a_difference(tmp_path: Path) -> None:
    found = held(tmp_path, SERVICES[:50]).search(question_of(a_search(random.Random(1))))
    assert found.results
    row = [(one.id, one.expected_minutes, one.distance_m, [*one.unmet]) for one in found.results]
    told = {"rows": row, "relaxed": found.relaxed}
    assert are_alike(found, told)
    first = (row[0][0], row[0][1] * 1.001, *row[0][2:])
    assert not are_alike(found, told | {"rows": [first, *row[1:]]})
    assert not are_alike(found, told | {"rows": row[:-1]})
    assert not are_alike(found, told | {"relaxed": ["kinds"]})
