"""``make bench``: the index, the SQL reference and a plain DRF view, on the same data."""

import contextlib
import os
import random
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, cast

import orjson

SYNTHETIC = "locator_bench"
SIZES = (200_000,)
QUERIES = 200
ROUNDS = 3
SECONDS = 4.0
CLIENTS = 4


def main() -> None:
    """Measure on the real data, then on synthetic data of each size."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
    django.setup()
    from django.db import connection

    _measure("real data", connection.settings_dict["NAME"])
    for size in SIZES:
        _use_synthetic(size)
        _measure(f"{size:,} synthetic services", SYNTHETIC)


def _use_synthetic(size: int) -> None:
    """Point Django at a database of made-up services, made and filled where need be."""
    from django.core.management import call_command
    from django.db import connection

    from services.models import Service
    from tests.bench.synthetic import fill

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [SYNTHETIC])
        if not cursor.fetchone():
            cursor.execute(f"CREATE DATABASE {SYNTHETIC}")
    connection.close()
    cast("Any", connection).close_pool()
    connection.settings_dict["NAME"] = SYNTHETIC
    call_command("migrate", verbosity=0)
    call_command("load_places")
    if Service.objects.count() != size:
        print(f"making {size:,} services …", flush=True)
        fill(size)


def _measure(title: str, database: str) -> None:
    from services.index import live_index

    live_index.load()
    points = _points()
    print(f"\n{title}: {len(live_index.index):,} services", flush=True)
    index_ms, reference_ms = _in_process(points)
    print(f"  index search, in process      {index_ms:9.2f} ms")
    print(
        f"  the same in SQL on PostGIS    {reference_ms:9.2f} ms, {reference_ms / index_ms:,.0f}×"
    )
    with _server(database) as port:
        ours, plain = _over_http(port, points)
    print(f"  plain DRF + GeoDjango, HTTP   {plain:9.1f} requests/s")
    print(f"  ours, HTTP                    {ours:9.1f} requests/s, {ours / plain:,.0f}×")


def _points() -> list[tuple[float, float]]:
    """Where to search from: near sites, so dense where services are."""
    from services.models import Site

    dice = random.Random(2)
    sites = list(Site.objects.on_the_map().order_by("pk").values_list("location", flat=True))
    chosen = (point for point in dice.sample(sites, QUERIES) if point is not None)
    return [(point.y + dice.gauss(0, 0.02), point.x) for point in chosen]


def _in_process(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Median milliseconds of the index and of the SQL reference for the same questions."""
    from django.utils import timezone

    from services import reference
    from services.index import Query, live_index
    from services.vocabulary import Kind

    now = timezone.now()
    queries = [Query(*point, at=now, kinds=tuple(Kind)) for point in points]
    live_index.index.find(queries[0])  # compiles
    index = _median_ms(live_index.index.find, queries)
    with reference.openings_known(now):
        return index, _median_ms(reference.ranked_with_openings, queries[:5])


def _median_ms(call: Callable[[Any], object], queries: list[Any]) -> float:
    times = []
    for query in queries:
        began = time.perf_counter()
        call(query)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def _over_http(port: int, points: list[tuple[float, float]]) -> tuple[float, float]:
    """Requests a second of our view and of the plain one, in turns; the median of each."""
    from tests.bench.load import rate_of

    bodies = [orjson.dumps({"lat": lat, "lon": lon}) for lat, lon in points]
    rates: dict[str, list[float]] = {"/api/v1/nearby/": [], "/plain/": []}
    for _ in range(ROUNDS):
        for path, measured in rates.items():
            rate = rate_of(port, path, bodies, seconds=SECONDS, clients=CLIENTS)
            measured.append(rate.per_second)
    ours, plain = (statistics.median(measured) for measured in rates.values())
    return ours, plain


@contextlib.contextmanager
def _server(database: str) -> Iterator[int]:
    """The production server with one worker on a free port, serving both views."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = os.environ | {"BENCH_DATABASE": database, "SECURE_SSL": "false"}
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    command += ["--workers", "1", "--blocking-threads", "4", "--no-ws", "--no-access-log"]
    command += ["--log-level", "error"]
    server = subprocess.Popen([*command, "locator.wsgi:application"], env=settings)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/api/v1/nearby/")
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _wait_until_ready(url: str) -> None:
    """Wait until a search is answered: then the index is loaded and compiled."""
    headers = {"Content-Type": "application/json"}
    search = urllib.request.Request(url, data=b'{"lat": 40, "lon": -75}', headers=headers)
    for _ in range(600):
        time.sleep(0.5)
        with contextlib.suppress(OSError), urllib.request.urlopen(search):
            return
    raise RuntimeError("the server did not become ready")


if __name__ == "__main__":
    main()
