"""Searches go on steadily while twenty thousand services are imported in one transaction."""

import csv
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from tests.bench import cores
from tests.bench.http import mixed_bodies
from tests.bench.paced import Timed, paced
from tests.bench.searches import slowest_hundredth
from tests.bench.servers import NEARBY, Server
from tests.bench.sources import ROOT
from tests.bench.words import a_house, an_address

SERVICES = {"full": 20_000, "quick": 1_000}
PER_SECOND = 100.0  # searches in each process
BEFORE_SECONDS, AFTER_SECONDS = {"full": 15.0, "quick": 4.0}, {"full": 10.0, "quick": 2.0}
WINDOW_SECONDS = 2.0
WARM_UP_SECONDS = 3.0
TOO_SLOW = 2.0  # times the p99 before
CATCHING_UP_SECONDS = 10.0  # after the commit, in which the web processes read what it changed
PHASES = ("before", "during the import", f"the {CATCHING_UP_SECONDS:.0f} s after it")
VANCOUVER = (49.25, -123.10)


class Importing:
    """One import, and searches before, during and after it."""

    def __init__(self, servers: list[Server], pace: str) -> None:
        self.ports = [server.port for server in servers]
        self.usage = None
        if cores.is_counted():
            pids = [server.process.pid for server in servers]
            self.usage = cores.Usage({"web processes": pids})
        self.pace = pace
        self.timed: list[Timed] = []
        self.is_over = False

    def measured(self) -> dict[str, Any]:
        """The p99 of each time in milliseconds, and how long searches were slow."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pharmacies.csv"
            write_pharmacies(path, SERVICES[self.pace])
            return self._measured(path)

    def _measured(self, path: Path) -> dict[str, Any]:
        bodies = mixed_bodies()
        threads = [threading.Thread(target=self._search, args=(p, bodies)) for p in self.ports]
        for thread in threads:
            thread.start()
        time.sleep(WARM_UP_SECONDS)
        self._read_usage()
        time.sleep(BEFORE_SECONDS[self.pace])
        self._read_usage()
        began = time.perf_counter()
        try:
            _import_file(path)
            ended = time.perf_counter()
            self._read_usage()
            time.sleep(CATCHING_UP_SECONDS)
            self._read_usage()
            time.sleep(AFTER_SECONDS[self.pace])
        finally:
            self.is_over = True
            for thread in threads:
                thread.join()
        timed = [one for one in self.timed if one[0] >= began - BEFORE_SECONDS[self.pace]]
        told = summed(timed, began, ended) | {"services": SERVICES[self.pace]}
        if self.usage:
            told["cores"] = dict(zip(PHASES, self.usage.cores(), strict=True))
        return told

    def _read_usage(self) -> None:
        if self.usage:
            self.usage.read()

    def _search(self, port: int, bodies: list[bytes]) -> None:
        found = paced(
            port, NEARBY, bodies, per_second=PER_SECOND, go_on=lambda: not self.is_over, lanes=1
        )
        self.timed += found


def _import_file(path: Path) -> None:
    """As docs/imports.md says; the start of the command counts."""
    command = [
        "nice",
        "-n",
        "10",
        sys.executable,
        "manage.py",
        "import_feed",
        "vancouver",
        str(path),
    ]
    subprocess.run([*command, "--no-progress"], cwd=ROOT, check=True)


def write_pharmacies(path: Path, count: int) -> None:
    """A file as Vancouver publishes it, with so many pharmacies that do not exist."""
    dice = random.Random(3)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["City", "Address", "Name", "Latitude", "Longitude", "Training"])
        for number in range(count):
            lat, lon = (axis + dice.gauss(0, 0.05) for axis in VANCOUVER)
            name = f"{a_house(dice)} Pharmacy {number}"
            where = f"{number} {an_address(dice)}"
            writer.writerow(["Vancouver BC", where, name, f"{lat:.6f}", f"{lon:.6f}", "true"])


def summed(timed: list[Timed], began: float, ended: float) -> dict[str, Any]:
    """What the searches took before, during and after an import, by when they were due."""
    before = [took for due, took in timed if due < began]
    during = [took for due, took in timed if began <= due < ended]
    after = [took for due, took in timed if due >= ended]
    normal = slowest_hundredth(before)
    since = [(due - began, took) for due, took in timed if due >= began]
    return {
        "import_seconds": ended - began,
        "before_ms": normal * 1000,
        "during_ms": slowest_hundredth(during) * 1000,
        "after_ms": slowest_hundredth(after) * 1000,
        "slow_seconds": slow_seconds(since, TOO_SLOW * normal),
        "windows_ms": [p99 * 1000 for p99 in windows(since)],
    }


def slow_seconds(timed: list[Timed], bound: float) -> float:
    """For how long the p99 of searches lay above a bound."""
    return WINDOW_SECONDS * sum(p99 > bound for p99 in windows(timed))


def windows(timed: list[Timed]) -> list[float]:
    """The p99 of searches in each span of WINDOW_SECONDS, in order."""
    found: dict[int, list[float]] = {}
    for due, took in sorted(timed):
        found.setdefault(int(due / WINDOW_SECONDS), []).append(took)
    return [slowest_hundredth(taken) for taken in found.values()]
