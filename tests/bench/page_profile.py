"""What bounds a search and an import: the parts of the page that say where the time goes."""

import statistics
from collections.abc import Iterator
from typing import Any

from tests.bench import page_words as said
from tests.bench.goals import Found, middle_of
from tests.bench.names import LOOKED_AT
from tests.bench.sizes import short
from tests.bench.tables import ms, table


def section(found: Found) -> Iterator[str]:
    """The steps of a search, what its walk looks at, and the wishes that cost the most."""
    told = middle_of(found, "profile")
    cells: dict[str, list[Any]] = {}
    for cell in told["cells"]:
        cells.setdefault(f"{cell['filters']}, {cell['limit']}", []).append(cell)
    yield f"## Where the time of a search goes, at {short(told['size'])}\n"
    yield said.SAID_OF_STEPS.format(round_trip=told["round_trip_ms"])
    yield table(["milliseconds until …", *cells], _steps(cells))
    yield said.SAID_OF_WALKS
    yield table(["looked at", *cells], _looks(cells))
    wishes = told["wishes"]
    yield table(["a plain search", "ms"], ([at, ms(took)] for at, took in wishes["plain"].items()))
    yield said.SAID_OF_WISHES.format(**wishes)
    dear = ([one["wishes"], ms(one["ms"]), f"{one['ratio']:.1f}×"] for one in wishes["dearest"])
    yield table(["the dearest wishes", "ms", "of a plain search there and then"], dear)


def _steps(cells: dict[str, list[Any]]) -> Iterator[list[str]]:
    for step in next(iter(cells.values()))[0]["steps_ms"]:
        medians = (statistics.median(c["steps_ms"][step] for c in some) for some in cells.values())
        yield [step, *map(ms, medians)]


def _looks(cells: dict[str, list[Any]]) -> Iterator[list[str]]:
    for what in LOOKED_AT:
        means = (statistics.mean(c["looked_at"][what] for c in some) for some in cells.values())
        yield [what, *(f"{mean:,.0f}" for mean in means)]


def import_shares(imported: dict[str, Any]) -> Iterator[str]:
    """Who kept the processors busy while services were imported."""
    phases = imported.get("cores", {})
    if phases:
        names = list(next(iter(phases.values())))
        yield said.SAID_OF_CORES
        rows = ([name, *(f"{phase[name]:.2f}" for phase in phases.values())] for name in names)
        yield table(["cores kept busy", *phases], rows)
