"""A stage: how soon every process tells what was committed, and whether an import slows searches.

It works on a copy of the database, which is dropped at the end.
"""

import itertools
import math
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import orjson

from tests.bench import databases, results
from tests.bench.importing import Importing
from tests.bench.paced import Connection
from tests.bench.searches import slowest_hundredth
from tests.bench.servers import NEARBY, OURS, serving
from tests.bench.setting_up import as_the_system, end_quietly
from tests.bench.sources import ROOT

COPY = "locator_bench_fresh"
PROCESSES = 2
WRITES_PER_SECOND = 50.0
WRITERS = 8  # each needs a connection of the pool, which has as many
A_ROUND = 1_000  # counts of beds that nobody else has, for each round
ROUNDS, SECONDS = {"full": 3, "quick": 1}, {"full": 10.0, "quick": 3.0}
PATIENCE_SECONDS = 10.0
BETWEEN_LOOKS_SECONDS = 0.01  # by about so much what is measured is too long
A_SEARCH = 40  # services written of those that one search finds: they stay among its first hundred


def main(size: int, pace: str) -> None:
    """Copy the database, and measure on the copy in a process connected to it."""
    databases.drop(COPY)
    databases.copy_database(databases.name_of(size), COPY)
    try:
        command = [sys.executable, "-m", "tests.bench.freshness", "here", str(size), pace]
        environment = databases.environment_for(COPY)
        subprocess.run(command, env=environment, cwd=ROOT, check=True)
    finally:
        databases.drop(COPY)


def measure(size: int, pace: str) -> None:
    """Two servers of one process each are what two processes of one server are."""
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(OURS, workers=1)) for _ in range(PROCESSES)]
        ports = [server.port for server in servers]
        rounds = [Reports(ports, number) for number in range(1, ROUNDS[pace] + 1)]
        for reports in rounds:
            reports.measure(SECONDS[pace])
        told = _pooled(rounds)
        results.keep("freshness", size, told)
        told["import"] = Importing(servers, pace).measured()
        results.keep("freshness", size, told)


def _pooled(rounds: "list[Reports]") -> dict[str, Any]:
    """Of all reports; one that was never seen counts as late for ever."""
    late = sorted(itertools.chain.from_iterable(one.late_ms() for one in rounds))
    return {
        "writes": len(late),
        "writes_per_second": statistics.median(one.per_second for one in rounds),
        "unseen": sum(map(math.isinf, late)),
        "p50_ms": statistics.median(late),
        "p99_ms": slowest_hundredth(late),
        "max_ms": late[-1],
    }


def _span(moments: Collection[float]) -> float:
    return max(moments) - min(moments)


class Reports:
    """Reports are committed, and every process is asked until it tells them."""

    def __init__(self, ports: list[int], number: int) -> None:
        self.ports = ports
        self.first_count = number * A_ROUND
        self.bodies: list[bytes] = []
        self.committed: dict[int, float] = {}  # count → when
        self.searched: dict[int, int] = {}  # count → the search that finds its service
        self.seen: dict[int, dict[int, float]] = {port: {} for port in ports}
        self.end = 0.0
        self.is_written = False
        self.per_second = 0.0

    def measure(self, seconds: float) -> None:
        """Write, and look until all is seen."""
        targets = self._targets(int(seconds * WRITES_PER_SECOND))
        self.end = time.perf_counter() + seconds + PATIENCE_SECONDS + 60
        threads = [threading.Thread(target=self._look, args=(port,)) for port in self.ports]
        for thread in threads:
            thread.start()
        self._write(targets)
        self.per_second = (len(targets) - 1) / _span(self.committed.values())
        self.end, self.is_written = time.perf_counter() + PATIENCE_SECONDS, True
        for thread in threads:
            thread.join()

    def _targets(self, wanted: int) -> list[tuple[str, int]]:
        """Services, and the number of the search that finds each."""
        from tests.bench.towns import searchers

        connection, chosen = Connection(self.ports[0], NEARBY), set[str]()
        found: list[tuple[str, int]] = []
        for lat, lon in searchers("dense", 200, seed=5):
            if len(found) >= wanted:
                break
            body = orjson.dumps(
                {"lat": lat, "lon": lon, "kinds": ["outpatient"], "limit": 100, "max_km": 100}
            )
            features = orjson.loads(connection.post(body))["features"][:A_SEARCH]
            fresh = [one["id"] for one in features if one["id"] not in chosen]
            chosen.update(fresh)
            found += [(id_, len(self.bodies)) for id_ in fresh]
            self.bodies.append(body)
        connection.close()
        return found[:wanted]

    def _write(self, targets: list[tuple[str, int]]) -> None:
        """Commit a report of each at a steady rate, from as many writers as that takes."""
        start = time.perf_counter()
        with ThreadPoolExecutor(WRITERS) as writers:
            written = []
            for number, target in enumerate(targets, start=1):
                time.sleep(max(0.0, start + number / WRITES_PER_SECOND - time.perf_counter()))
                written.append(writers.submit(self._report, number, *target))
        for one in written:
            one.result()

    def _report(self, number: int, service_id: str, search: int) -> None:
        from django.db import connection, transaction

        from services.availability import Observation, report_availability
        from services.models import AvailabilityReport
        from services.vocabulary import Availability, Reporter

        count = self.first_count + number  # no other service has that many
        with transaction.atomic():
            report_availability(
                service_id=uuid.UUID(service_id),
                observation=Observation(uuid.uuid4(), Availability.AVAILABLE, remaining=count),
                reporter=Reporter.OUTREACH,
                channel=AvailabilityReport.Channel.COMMAND,
            )
            self.searched[count] = search
            self.committed[count] = time.perf_counter()  # just before: nobody can see it sooner
        connection.close()  # back to the pool, as at the end of a request

    def _look(self, port: int) -> None:
        """Search where something is awaited, until everything has been seen."""
        connection, seen = Connection(port, NEARBY), self.seen[port]
        while time.perf_counter() < self.end:
            awaited = sorted({self.searched[c] for c in list(self.committed) if c not in seen})
            if not awaited and self.is_written:
                break
            for search in awaited:
                features = orjson.loads(connection.post(self.bodies[search]))["features"]
                now = time.perf_counter()
                counts = (one["properties"]["availability"].get("remaining") for one in features)
                for count in counts:
                    if count in self.committed:
                        seen.setdefault(count, now)
            time.sleep(BETWEEN_LOOKS_SECONDS)
        connection.close()

    def late_ms(self) -> list[float]:
        """Of each report the milliseconds from its commit until every process told it."""
        return [
            max(0.0, max(seen.get(count, math.inf) for seen in self.seen.values()) - at) * 1000
            for count, at in self.committed.items()
        ]


if __name__ == "__main__":
    if sys.argv[1] == "here":
        as_the_system()
        measure(int(sys.argv[2]), sys.argv[3])
    else:
        end_quietly()
        main(int(sys.argv[1]), sys.argv[2])
