"""The vectors: they are what the server's code gives now, and the client passes them all."""

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from locator_offline.pack import FactBits, Reader
from locator_offline.question import Question
from locator_offline.search import World
from tests.vectors.file import PATH, text, vectors


@pytest.fixture(scope="module")
def kept() -> Any:
    return json.loads(PATH.read_text())


def the_world(packs: list[dict[str, Any]]) -> World:
    facts = FactBits()
    bodies = [Reader(pack, facts).body() for pack in packs]
    pairs = [
        (service, body.sites[service.site_id])
        for body in bodies
        for service in body.services.values()
    ]
    return World(pairs, bodies[0].kinds, facts, [town for body in bodies for town in body.towns])


def question_of(search: dict[str, Any]) -> Question:
    return Question(**search | {"kinds": tuple(search["kinds"])})


def numbers(told: list[float | None]) -> list[float]:
    """For comparison: a distance that is none is like no other."""
    return [-1.0 if number is None else number for number in told]


def test_the_file_is_what_the_code_gives(kept: Any) -> None:
    """If a change of the ranking is meant: make vectors."""
    made = json.loads(text(vectors()))
    assert made["packs"] == kept["packs"]
    for one, other in zip(made["cases"], kept["cases"], strict=True):
        for name in ("name", "search", "relaxed"):
            assert one[name] == other[name], one["name"]
        for row, as_kept in zip(one["results"], other["results"], strict=True):
            assert (row[0], row[7]) == (as_kept[0], as_kept[7]), one["name"]
            # Another processor may round the last digits otherwise.
            wanted = pytest.approx(numbers(as_kept[1:7]), rel=1e-9, abs=1e-9)
            assert numbers(row[1:7]) == wanted, one["name"]


def test_the_client_answers_alike(kept: Any) -> None:
    world = the_world(kept["packs"])
    for case in kept["cases"]:
        answer = world.search(question_of(case["search"]))
        found, wanted = answer.results, case["results"]
        assert [one.id for one in found] == [row[0] for row in wanted], case["name"]
        assert answer.relaxed == case["relaxed"], case["name"]
        for one, row in zip(found, wanted, strict=True):
            parts = (one.expected_minutes, one.distance_m, one.travel_minutes, one.wait_minutes)
            told = [*parts, one.p_open, one.p_served]
            same = pytest.approx(numbers(row[1:7]), rel=1e-6, abs=1e-6)
            assert numbers(told) == same, case["name"]
            assert list(one.unmet) == row[7], case["name"]


def test_they_cover_what_is_difficult(kept: Any) -> None:
    cases = kept["cases"]
    assert len(cases) >= 500
    assert len({case["name"] for case in cases}) == len(cases)
    rows = [row for case in cases for row in case["results"]]
    assert all(case["results"] or case["search"]["offset"] for case in cases)
    relaxed = Counter(wish for case in cases for wish in case["relaxed"])
    assert set(relaxed) == {"max_km", "available_only", "open_now", "access", "areas", "kinds"}
    assert {row[5] for row in rows} == {0, 0.02, 0.25, 0.85, 1}
    assert any(row[2] is None for row in rows)
    assert any(row[4] == 4320 for row in rows)
    ties = sum(one[1:3] == other[1:3] for one, other in pairwise(rows))
    assert ties > 20
    zones = {zone["name"] for pack in kept["packs"] for zone in pack["zones"]}
    assert {"America/New_York", "America/St_Johns", "America/Phoenix"} <= zones


def test_the_file_stays_small() -> None:
    assert Path(PATH).stat().st_size < 1_500_000
