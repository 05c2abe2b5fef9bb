"""What following and synchronous mode cost: figures for docs/scaling.md, no promises."""

import http.client
import itertools
import statistics
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from tests.proofs.cluster import Cluster
from tests.proofs.failover.clusters import SLOT
from tests.proofs.failover.load import STORED, Feature
from tests.proofs.table import Table
from tests.proofs.web import Web

IDLE_SECONDS, LOAD_SECONDS = 10.0, 8.0
CLIENTS = 8
KB_IN_MB = 1024
COMMITS = "SELECT sum(xact_commit) FROM pg_stat_database WHERE datname = current_database()"
SESSIONS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend'
      AND pid <> pg_backend_pid()
"""

Request = tuple[str, bytes]  # path and body


def show_costs(
    web: Web, token: str, services: list[Feature], primary: Cluster, standby: Cluster
) -> None:
    """Print them, and leave synchronous mode on."""
    table = Table()
    for cluster in (primary, standby):
        before = cluster.sql(COMMITS)[0][0]
        time.sleep(IDLE_SECONDS)
        rate = float(cluster.sql(COMMITS)[0][0] - before) / IDLE_SECONDS
        sessions = cluster.sql(SESSIONS)[0][0]
        table.figure(
            f"{cluster.name} while nobody asks: statements/s; sessions", f"{rate:.1f}; {sessions}"
        )
    table.figure("searches/s; median, 99th in ms", _load(web, token, _searches(services)))
    for mode, names in (("alone", ""), ("synchronous", SLOT)):
        primary.set("synchronous_standby_names", names)
        time.sleep(1)
        rate_of_reports = _load(web, token, _reports(services))
        table.figure(f"reports stored/s, {mode}; median, 99th in ms", rate_of_reports)
    table.figure("memory of each web process, MB: private; shared", _memory(web.pid))
    table.show(f"Costs: two web processes, {CLIENTS} clients on the same machine")


def _searches(services: list[Feature]) -> Iterator[Request]:
    for one in itertools.cycle(services):
        lon, lat = one["geometry"]["coordinates"]
        yield "/api/v1/nearby/", orjson.dumps({"lat": lat, "lon": lon})


def _reports(services: list[Feature]) -> Iterator[Request]:
    for one in itertools.cycle(services):
        body = {"id": str(uuid.uuid4()), "state": "available", "remaining": 3}
        yield f"/api/v1/services/{one['id']}/reports/", orjson.dumps(body)


def _load(web: Web, token: str, requests: Iterator[Request]) -> str:
    """Send requests from some clients, each as soon as its last was answered."""
    turn, times = threading.Lock(), []
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    end = time.perf_counter() + LOAD_SECONDS

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", web.port)
        while (began := time.perf_counter()) < end:
            with turn:
                path, body = next(requests)
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status in STORED, answer.status
            times.append(time.perf_counter() - began)

    _all_at_once(client)
    cuts = statistics.quantiles(times, n=100)
    return f"{len(times) / LOAD_SECONDS:.0f}; {cuts[49] * 1000:.1f}, {cuts[98] * 1000:.1f}"


def _all_at_once(client: Callable[[], None]) -> None:
    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _memory(server: int) -> str:
    """What the system says of each process of a server; Linux alone tells it this way."""
    found = subprocess.run(
        ["pgrep", "-P", str(server)],  # noqa: S607 - a tool of the system
        capture_output=True,
        text=True,
        check=False,
    )
    told = []
    for pid in found.stdout.split():
        rollup = Path(f"/proc/{pid}/smaps_rollup")
        if rollup.exists():
            rows = (line.split() for line in rollup.read_text().splitlines()[1:])
            kb = {row[0]: int(row[1]) for row in rows}
            private = kb["Private_Clean:"] + kb["Private_Dirty:"]
            told.append(f"{private // KB_IN_MB}; {(kb['Rss:'] - private) // KB_IN_MB}")
    return " and ".join(told) or "not told here"
