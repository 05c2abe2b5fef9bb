"""The file of vectors: packs, searches, and what the server answers."""

import json
from pathlib import Path
from typing import Any

from tests.vectors.answers import answer, index_of
from tests.vectors.cases import cases_of
from tests.vectors.packs import packs_of
from tests.vectors.world import the_services

PATH = Path(__file__).parents[2] / "fixtures" / "ranking_vectors.json"
SERVICES = 260


def vectors() -> dict[str, Any]:
    """What the file holds."""
    services = the_services(SERVICES)
    index, cases = index_of(services), []
    for name, search in cases_of(services):
        results, relaxed = answer(index, search)
        told = {"name": name, "search": search}
        cases.append(told | {"results": [list(row) for row in results], "relaxed": relaxed})
    return {"packs": packs_of(services), "cases": cases}


def text(made: dict[str, Any]) -> str:
    """JSON with a line for each pack and case, so that a change can be read."""
    lines = []
    for name, rows in made.items():
        told = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
        lines.append(f'"{name}":[\n{told}\n]')
    return "{" + ",\n".join(lines) + "}\n"
