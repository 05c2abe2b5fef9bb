"""The client's answers are the server's, over a larger world and many searches."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from locator_offline import Store
from services.index import SearchIndex
from services.index.columns import FACTS
from services.listing import ListedService
from tests.clients.test_ranking_vectors import question_of
from tests.clients.worlds import held
from tests.vectors.answers import answer, index_of
from tests.vectors.cases import KINDS, MODES, PLAIN
from tests.vectors.world import NOW, TOWNS, the_services

MANY, SEARCHES = 1_500, 1_000


@pytest.fixture(scope="module")
def services() -> list[ListedService]:
    return the_services(MANY, seed=11)


@pytest.fixture(scope="module")
def index(services: Sequence[ListedService]) -> SearchIndex:
    return index_of(services)


@pytest.fixture(scope="module")
def store(services: Sequence[ListedService], tmp_path_factory: pytest.TempPathFactory) -> Store:
    return held(tmp_path_factory.mktemp("phone"), services)


def a_search(dice: random.Random) -> dict[str, Any]:
    town, spread = dice.choice(TOWNS), dice.choice([0.02, 0.3, 5])
    return PLAIN | {
        "lat": town.lat + dice.gauss(0, spread),
        "lon": max(-180.0, town.lon + dice.gauss(0, spread)),
        "at": NOW.timestamp() + dice.choice([0.0, dice.uniform(-86_400, 2 * 86_400)]),
        "kinds": dice.sample(KINDS, dice.choice([0, 1, 1, 2])),
        "mode": dice.choice(MODES),
        "open_now": dice.random() < 0.3,
        "available_only": dice.random() < 0.3,
        "max_km": dice.choice([None, None, 0.3, 5, 200]),
        "access": {
            fact: dice.random() < 0.5 for fact in dice.sample(FACTS, dice.choice([0, 0, 2]))
        },
        "strict": dice.random() < 0.3,
        "limit": dice.choice([1, 20, 60]),
        "offset": dice.choice([0, 0, 3]),
    }


def test_a_thousand_random_searches(index: SearchIndex, store: Store) -> None:
    dice = random.Random(2026)
    for _ in range(SEARCHES):
        search = a_search(dice)
        rows, relaxed = answer(index, search)
        found = store.search(question_of(search))
        assert [one.id for one in found.results] == [row[0] for row in rows]
        assert found.relaxed == relaxed
        for one, row in zip(found.results, rows, strict=True):
            assert one.expected_minutes == pytest.approx(row[1], rel=1e-6)
            assert list(one.unmet) == row[7]


def test_so_it_is_after_a_restart(store: Store, index: SearchIndex) -> None:
    again, search = Store(Path(store.folder)), a_search(random.Random(5))
    rows, _ = answer(index, search)
    assert [one.id for one in again.search(question_of(search)).results] == [row[0] for row in rows]
