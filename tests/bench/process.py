"""A stage: how soon a server is ready, and what a service costs in the memory of its processes."""

import os
import shutil
import statistics
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench import databases, goals, results
from tests.bench.servers import OURS, Server, serving

SETTLE_SECONDS = 3.0
STARTS = {"full": 5, "quick": 1}  # from a snapshot
SNAPSHOT_SECONDS = 120.0  # for one to be written whole
ROLLUP = "/proc/{}/smaps_rollup"
KIB = 1024


def main(size: int, pace: str) -> None:
    """Start from nothing, start again, and weigh two processes that run side by side."""
    home = results.folder() / f"home-{size}"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    environment = {"LOCATOR_HOME": str(home), "INDEX_FOLDER": str(home / "index")}
    _compile()
    told: dict[str, Any] = {}
    told["first_start_seconds"] = _start(environment, home)
    results.keep("process", size, told)
    again = [_start(environment, home) for _ in range(STARTS[pace])]
    told["second_start_seconds"] = statistics.median(again)
    told["slowest_start_seconds"] = max(again)
    results.keep("process", size, told)
    if size < goals.LARGE and Path(ROLLUP.format("self")).exists():  # Linux alone has it
        told["memory"] = _memory(size, environment)
        results.keep("process", size, told)
    shutil.rmtree(home)


def _compile() -> None:
    """Fill numba's cache, which lies elsewhere and which every start but the very first finds."""
    empty = databases.environment_for(databases.EMPTY)
    with serving(OURS, workers=1, environment=empty):
        pass


def _start(environment: Mapping[str, str], home: Path) -> float:
    """Seconds from the start of the server to the first search that is answered.

    Raises:
        RuntimeError: it left no snapshot for the next start.
    """
    with serving(OURS, workers=1, environment=environment) as server:
        end = time.monotonic() + SNAPSHOT_SECONDS
        while not list(home.rglob("*.index")):
            if time.monotonic() > end:
                raise RuntimeError(f"No snapshot within {SNAPSHOT_SECONDS:.0f} s.")
            time.sleep(1)
        return server.ready_seconds


def _memory(size: int, environment: Mapping[str, str]) -> dict[str, float]:
    """Bytes for each service in each of two processes: those it has alone, its share, the whole."""
    with serving(OURS, workers=2, environment=environment) as server:
        full = _weighed(server)
    empty = databases.environment_for(databases.EMPTY, **environment)
    with serving(OURS, workers=2, environment=empty) as server:
        none = _weighed(server)
    return {name: (full[name] - none[name]) / size for name in full}


def _weighed(server: Server) -> dict[str, float]:
    """Mean bytes of a web process: ``own``, ``shared`` with others, and the fair share ``pss``."""
    time.sleep(SETTLE_SECONDS)
    weighed = [_rollup(pid) for pid in server.worker_pids()]
    return {name: statistics.mean(one[name] for one in weighed) for name in weighed[0]}


def _rollup(pid: int) -> dict[str, float]:
    lines = Path(ROLLUP.format(pid)).read_text().splitlines()[1:]
    told = {name: int(rest.split()[0]) * KIB for name, _, rest in (x.partition(":") for x in lines)}
    own = told["Private_Clean"] + told["Private_Dirty"]
    return {"own": own, "shared": told["Rss"] - own, "pss": told["Pss"]}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
    main(int(sys.argv[1]), sys.argv[2])
