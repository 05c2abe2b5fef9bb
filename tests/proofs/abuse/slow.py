"""Bodies that never come whole: those who send them hold no thread, and searches go on."""

import contextlib
import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.proofs.abuse.proxied import proxy
from tests.proofs.privacy.proxy import HOST, installed, unchecked
from tests.proofs.sync.home import Home
from tests.proofs.table import Table

HALF_SENT, SEARCHES, LONGEST_S = 400, 40, 0.25
PATHS = ("/api/v1/nearby/", "/api/v1/tokens/")
SEARCH = json.dumps({"lat": 39.95, "lon": -75.16})


def prove_slow_bodies(table: Table, home: Home) -> None:
    """Search through the shipped proxy while hundreds of others send half a body each."""
    if not installed():
        table.figure("bodies that never come whole (caddy is not installed)", "not tried")
        return
    home.start_programs()
    with proxy(home.cluster.checkout.root, home.folder / "proxy", home.port) as port:
        before = [_search(port) for _ in range(SEARCHES)]
        with contextlib.ExitStack() as others:
            for number in range(HALF_SENT):
                others.enter_context(_half_sent(port, PATHS[number % len(PATHS)]))
            meanwhile = [_search(port) for _ in range(SEARCHES)]
    later = max(seconds for _, seconds in meanwhile) - max(seconds for _, seconds in before)
    failed = sum(status != http.HTTPStatus.OK for status, _ in meanwhile)
    table.promise(
        f"{HALF_SENT} half-sent bodies by the proxy: searches failed, of {SEARCHES}",
        failed,
        held=not failed,
    )
    table.promise(
        "the slowest of them, later than before, s", f"{later:.3f}", held=later < LONGEST_S
    )


def _search(port: int) -> tuple[int, float]:
    began = time.monotonic()
    connection = http.client.HTTPSConnection(HOST, port, timeout=20, context=unchecked())
    try:
        connection.request("POST", PATHS[0], SEARCH, {"Content-Type": "application/json"})
        status = connection.getresponse().status
    except OSError:
        status = 0
    finally:
        connection.close()
    return status, time.monotonic() - began


@contextmanager
def _half_sent(port: int, path: str) -> Iterator[None]:
    head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
    with (
        socket.create_connection((HOST, port), 10) as plain,
        unchecked().wrap_socket(plain, server_hostname=HOST) as connected,
    ):
        connected.sendall(f"{head}Content-Length: 1000\r\n\r\n{{".encode())
        yield
