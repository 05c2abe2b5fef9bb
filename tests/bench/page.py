"""docs/benchmarks.md, made of results alone."""

import statistics
from collections.abc import Iterator
from typing import Any

from tests.bench import goals, names, page_profile
from tests.bench import page_words as said
from tests.bench.goals import Found, middle_of, middle_size
from tests.bench.machine import machine
from tests.bench.sizes import short
from tests.bench.tables import ms, table


def page_of(found: Found) -> str:
    """The whole page."""
    parts = [said.HEAD, *_goals(found)]
    for stage, section in SECTIONS.items():
        parts += section(found) if stage in found else []
    facts = found["machine"][0]["facts"] if "machine" in found else machine()
    parts += ["## Machine\n", table(["", ""], ([name, told] for name, told in facts.items()))]
    return "\n".join(parts)


def of_docs(found: Found) -> Found:
    """What the page in docs/ tells; other sizes, which were only tried, have no place there."""
    return {
        stage: {size: told for size, told in sizes.items() if size in WANTED.get(stage, {0})}
        for stage, sizes in found.items()
    }


def is_whole(found: Found) -> bool:
    """Whether everything that the page in docs/ tells was measured."""
    return all(
        size in found.get(stage, {}) and is_complete(found[stage][size])
        for stage, sizes in WANTED.items()
        for size in sizes
    )


LAST = {"searches": "new_minute_ms", "profile": "wishes", "process": "second_start_seconds"}
LAST |= {"freshness": "import"}  # what each stage tells last: one that was cut short lacks it


def is_complete(told: dict[str, Any]) -> bool:
    """Whether a stage came to its end."""
    if told["stage"] == "http":
        return set(told["rates"]) == {"1", "2"} and bool(told["steady"])
    return LAST[told["stage"]] in told


def _goals(found: Found) -> Iterator[str]:
    yield "## Goals\n"
    sizes = {stage: middle_of(found, stage)["size"] for stage in SECTIONS if stage in found}
    if elsewhere := [f"{s} at {short(n)}" for s, n in sizes.items() if n != goals.MIDDLE]:
        yield f"This run did not measure everything at 200k, but {', '.join(elsewhere)}.\n"
    rows = [[*row[:3], "–" if elsewhere else row[3]] for row in goals.rows(found)]
    yield table(["Goal, at 200k unless it says otherwise", "wanted", "measured", "status"], rows)
    if "searches" in found:
        yield said.SAID_OF_CELLS_WITHIN.format(**goals.within(found))


def _searches(found: Found) -> Iterator[str]:
    sizes = found["searches"]
    ways = list(dict.fromkeys(name for told in sizes.values() for name in told["taken"]))
    yield "## Search in process\n"
    yield said.SAID_OF_CELLS
    head = ["median (worst cell), ms", *map(short, sizes)]
    yield table(head, ([name, *(_times(sizes[size], name) for size in sizes)] for name in ways))
    minutes = (
        f"{short(s)} {t['new_minute_ms']:.2f} ms" for s, t in sizes.items() if "new_minute_ms" in t
    )
    yield f"To look ahead, once a minute, beside searches: {', '.join(minutes)}.\n"
    yield "![Median milliseconds against the number of services](benchmarks.svg)\n"
    size = middle_size(found)
    yield f"### Each cell at {short(size)}\n"
    yield said.SAID_OF_EACH_CELL
    yield table(CELL_HEAD, _cells(found, size))


CELL_HEAD = ["cell", "ours", "p99", "ids", "KNN", "ranked", "Redis"]
CELL_HEAD += ["ids of KNN", "ours of KNN", "ours of KNN, no filters"]
OTHERS = [names.KNN, names.RANKED, names.REDIS]


def _times(told: dict[str, Any], name: str) -> str:
    times = [cell["median_ms"] for cell in told["taken"].get(name, {}).values()]
    return f"{ms(statistics.median(times))} ({ms(max(times))})" if times else "–"


def _cells(found: Found, size: int) -> Iterator[list[str]]:
    taken = found["searches"][size]["taken"]
    ours = taken[names.OURS]
    shares = [goals.shares(found, size, own=own) for own in (names.IDS, names.OURS)]
    shares.append(goals.shares(found, size, names.UNFILTERED))
    for cell, told in ours.items():
        others = [ms(taken[name][cell]["median_ms"]) for name in (names.IDS, *OTHERS)]
        ratios = [f"{share[cell]:.2f}×" for share in shares]
        yield [cell, ms(told["median_ms"]), ms(told["p99_ms"]), *others, *ratios]


def _http(found: Found) -> Iterator[str]:
    told = middle_of(found, "http")
    yield f"## Over HTTP at {short(told['size'])}\n"
    yield said.SAID_OF_HTTP.format(bytes=told["bytes"])
    for workers, rates in told["rates"].items():
        floor, ours = rates[names.CONSTANT]["per_second"], goals.searches_per_second(rates)
        head = [f"{workers} process{'es' if workers != '1' else ''}", "requests/s"]
        head += ["of the constant view", "search is faster by", "p50, ms", "p99, ms"]
        yield table(head, (_rate(name, rate, floor, ours) for name, rate in rates.items()))
    if told.get("steady"):
        yield said.SAID_OF_STEADY
        yield table(STEADY_HEAD, (_steady(*one) for one in told["steady"].items()))


STEADY_HEAD = ["2 processes", "requests/s", "p50, ms", "p99, ms", "p99 of p50"]


def _rate(name: str, rate: dict[str, float], floor: float, ours: float) -> list[str]:
    per_second = rate["per_second"]
    others = name not in (names.CONSTANT, names.SEARCH, names.NIGHT)
    faster = f"{ours / per_second:,.1f}×" if others else "–"
    ratios = [f"{per_second / floor:.3f}×", faster]
    return [name, f"{per_second:,.0f}", *ratios, f"{rate['p50_ms']:.2f}", f"{rate['p99_ms']:.2f}"]


def _steady(name: str, told: dict[str, float]) -> list[str]:
    ratio = told["p99_ms"] / told["p50_ms"]
    times = [f"{told[key]:.2f}" for key in ("p50_ms", "p99_ms")]
    return [name, f"{told['per_second']:,.0f}", *times, f"{ratio:.1f}×"]


def _process(found: Found) -> Iterator[str]:
    yield "## Start and memory\n"
    yield said.SAID_OF_STARTS
    rows = (
        [short(size), *(f"{told[key]:.1f} s" for key in STARTS if key in told)]
        for size, told in found["process"].items()
    )
    yield table(["services", "first", "again", "the slowest of these"], rows)
    memory = [(size, told["memory"]) for size, told in found["process"].items() if "memory" in told]
    yield said.SAID_OF_MEMORY
    yield table(
        ["services", "its own", "shared with others", "fair share (PSS)"],
        ([short(size), *(f"{told[key]:,.0f}" for key in WEIGHTS)] for size, told in memory),
    )


STARTS = ("first_start_seconds", "second_start_seconds", "slowest_start_seconds")
WEIGHTS = ("own", "shared", "pss")


def _freshness(found: Found) -> Iterator[str]:
    told = middle_of(found, "freshness")
    imported = told.get("import", {})
    yield f"## Freshness at {short(told['size'])}\n"
    yield said.SAID_OF_FRESHNESS.format(services=imported.get("services", 0))
    times = [f"{told[key]:,.0f} ms" for key in ("p50_ms", "p99_ms", "max_ms")]
    head = ["commit → visible in both", "writes", "p50", "p99", "slowest", "never seen"]
    writes = f"{told['writes']} at {told['writes_per_second']:.1f}/s"
    yield table(head, [["reports", writes, *times, str(told["unseen"])]])
    if imported:
        head = ["search p99, ms", "before", "during", "after", "during, of before"]
        head += ["above 2× for"]
        figures = [f"{imported[key]:,.1f}" for key in ("before_ms", "during_ms", "after_ms")]
        ratio = f"{imported['during_ms'] / imported['before_ms']:.1f}×"
        name = f"import of {imported['import_seconds']:.0f} s"
        yield table(head, [[name, *figures, ratio, f"{imported['slow_seconds']:.0f} s"]])
        yield from page_profile.import_shares(imported)


SECTIONS = {
    "searches": _searches,
    "profile": page_profile.section,
    "http": _http,
    "process": _process,
    "freshness": _freshness,
}
WANTED = {stage: {goals.MIDDLE} for stage in SECTIONS} | {
    "searches": {goals.SMALL, goals.MIDDLE, goals.LARGE},
    "process": {goals.MIDDLE, goals.LARGE},
}  # sizes, for the page in docs/
