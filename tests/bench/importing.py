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

from tests.bench import databases
from tests.bench.http import mixed_bodies
from tests.bench.paced import Timed, paced
from tests.bench.searches import slowest_hundredth
from tests.bench.servers import NEARBY
from tests.bench.words import a_house, an_address

SERVICES = {"full": 20_000, "quick": 1_000}
PER_SECOND = 40.0  # searches in each process
BEFORE_SECONDS, AFTER_SECONDS = {"full": 15.0, "quick": 4.0}, {"full": 15.0, "quick": 4.0}
WINDOW_SECONDS = 2.0
WARM_UP_SECONDS = 3.0
TOO_SLOW = 2.0  # times the p99 before
VANCOUVER = (49.25, -123.10)


class Importing:
    """One import, and searches before, during and after it."""

    def __init__(self, ports: list[int], pace: str) -> None:
        self.ports = ports
        self.pace = pace
        self.timed: list[Timed] = []
        self.is_over = False

    def measured(self) -> dict[str, Any]:
        """The p99 of each time in milliseconds, and how long searches were slow."""
        bodies = mixed_bodies()
        threads = [threading.Thread(target=self._search, args=(p, bodies)) for p in self.ports]
        for thread in threads:
            thread.start()
        time.sleep(WARM_UP_SECONDS + BEFORE_SECONDS[self.pace])
        began = time.perf_counter()
        try:
            self._import(SERVICES[self.pace])
            ended = time.perf_counter()
            time.sleep(AFTER_SECONDS[self.pace])
        finally:
            self.is_over = True
            for thread in threads:
                thread.join()
        timed = [one for one in self.timed if one[0] >= began - BEFORE_SECONDS[self.pace]]
        return summed(timed, began, ended) | {"services": SERVICES[self.pace]}

    def _search(self, port: int, bodies: list[bytes]) -> None:
        found = paced(
            port, NEARBY, bodies, per_second=PER_SECOND, go_on=lambda: not self.is_over, lanes=1
        )
        self.timed += found

    def _import(self, services: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pharmacies.csv"
            write_pharmacies(path, services)
            command = ["nice", "-n", "10"]  # as docs/imports.md says
            command += [sys.executable, "manage.py", "import_feed", "vancouver", str(path)]
            subprocess.run([*command, "--no-progress"], cwd=databases.ROOT, check=True)


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
    }


def slow_seconds(timed: list[Timed], bound: float) -> float:
    """For how long the p99 of searches lay above a bound."""
    windows: dict[int, list[float]] = {}
    for due, took in timed:
        windows.setdefault(int(due / WINDOW_SECONDS), []).append(took)
    return WINDOW_SECONDS * sum(slowest_hundredth(taken) > bound for taken in windows.values())
