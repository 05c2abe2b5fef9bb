"""A stage: whole answers over HTTP, ours and others', under the production server in turns."""

import itertools
import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson

from tests.bench import results
from tests.bench.names import CONSTANT, GIS, NIGHT, PLAIN, SEARCH
from tests.bench.paced import Connection, for_seconds, paced
from tests.bench.searches import slowest_hundredth
from tests.bench.servers import BARE, NEARBY, OURS, Server, serving
from tests.bench.setting_up import as_the_system
from tests.bench.wrk import load

ROUNDS = {"full": 7, "quick": 1}
SECONDS = {"full": 4.0, "quick": 1.0}
STEADY_SECONDS = {"full": 3.0, "quick": 2.0}  # of a turn
STEADY_SHARE = 0.3  # of the highest rate
STEADY_AT_MOST = 1000.0  # requests a second; more and the client itself would be the limit
WORKERS = {"full": (2, 1), "quick": (2,)}
A_CELL = 40  # searchers of each sort
PATHS = {
    CONSTANT: "/constant/",
    SEARCH: NEARBY,
    NIGHT: NEARBY,
    GIS: "/drf-gis/",
    PLAIN: "/plain/",
}


def main(size: int, pace: str) -> None:
    """Measure with two processes and with one, and keep the result."""
    told: dict[str, Any] = {"rates": {}, "steady": {}}
    bodies = mixed_bodies()
    lines = results.folder() / "bodies.jsonl"
    lines.write_bytes(b"\n".join(bodies) + b"\n")
    for workers in WORKERS[pace]:
        with ExitStack() as stack:
            ours, at_night = [
                stack.enter_context(serving(OURS, workers=workers, environment=_clock_of(hour)))
                for hour in ("day", "night")
            ]
            told["bytes"] = _mean_bytes(ours, bodies)
            constant = {"BENCH_CONSTANT_BYTES": str(told["bytes"])}
            bare = stack.enter_context(
                serving(BARE, workers=workers, path="/constant/", environment=constant)
            )
            servers = dict.fromkeys(PATHS, ours) | {CONSTANT: bare, NIGHT: at_night}
            rates = _rates(servers, lines, pace)
            told["rates"][str(workers)] = rates
            results.keep("http", size, told)
            if workers == WORKERS[pace][0]:
                told["steady"] = _steady(servers, bodies, rates, pace)
                results.keep("http", size, told)


def _clock_of(hour: str) -> dict[str, str]:
    """Settings of a server at which it is that hour."""
    from django.utils import timezone

    from tests.bench.mix import nearest

    now = timezone.now()
    return {"BENCH_AHEAD_SECONDS": str((nearest(hour, now) - now).total_seconds())}


def mixed_bodies() -> list[bytes]:
    """Searches for twenty results from everywhere, of every sort, one after the other."""
    from tests.bench.mix import CELLS

    cells = [cell.bodies(A_CELL) for cell in CELLS if cell.limit == 20 and cell.hour == "day"]
    return [orjson.dumps(body) for body in itertools.chain(*zip(*cells, strict=True))]


def _mean_bytes(server: Server, bodies: list[bytes]) -> int:
    connection = Connection(server.port, NEARBY)
    lengths = [len(connection.post(body)) for body in bodies]
    connection.close()
    return round(statistics.mean(lengths))


def _rates(servers: dict[str, Server], lines: Path, pace: str) -> dict[str, dict[str, float]]:
    """Medians over the rounds; in each round every view has its turn."""
    measured: dict[str, list[Any]] = {name: [] for name in PATHS}
    for number in range(ROUNDS[pace] + 1):
        for name, path in PATHS.items():
            url = f"http://127.0.0.1:{servers[name].port}{path}"
            found = load(url, lines, SECONDS[pace] if number else 1.0)
            if number:  # the first round only warms up
                measured[name].append(found)
    return {name: dict(_medians(loads)) for name, loads in measured.items()}


def _medians(loads: list[Any]) -> Iterator[tuple[str, float]]:
    for field in ("per_second", "p50_ms", "p99_ms"):
        yield field, statistics.median(getattr(one, field) for one in loads)


def _steady(
    servers: dict[str, Server],
    bodies: list[bytes],
    rates: dict[str, dict[str, float]],
    pace: str,
) -> dict[str, dict[str, float]]:
    """Latency while requests come at a moderate, steady rate: medians over rounds, as above."""
    asked = {
        name: min(STEADY_AT_MOST, STEADY_SHARE * rates[name]["per_second"])
        for name in (CONSTANT, SEARCH, NIGHT)
    }
    turns: dict[str, list[list[float]]] = {name: [] for name in asked}
    for _ in range(ROUNDS[pace]):
        for name, rate in asked.items():
            go_on = for_seconds(STEADY_SECONDS[pace])
            timed = paced(servers[name].port, PATHS[name], bodies, per_second=rate, go_on=go_on)
            turns[name].append([seconds * 1000 for _, seconds in timed])
    return {
        name: {
            "per_second": asked[name],
            "p50_ms": statistics.median(map(statistics.median, taken)),
            "p99_ms": statistics.median(map(slowest_hundredth, taken)),
        }
        for name, taken in turns.items()
    }


if __name__ == "__main__":
    as_the_system()
    main(int(sys.argv[1]), sys.argv[2])
