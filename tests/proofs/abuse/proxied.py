"""Who calls behind the proxy as it is shipped, Caddy with ``.docker/Caddyfile``."""

import http.client
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.test import RequestFactory, override_settings

from api.callers import caller_of
from tests.proofs.privacy.proxy import HOST, Proxy, installed, unchecked
from tests.proofs.table import Table
from tests.proofs.web import Started

CLAIMS = {
    "X-Forwarded-For": "198.51.100.9", "X_Forwarded_For": "198.51.100.9",
    "Forwarded": "for=198.51.100.9", "X-Real-IP": "198.51.100.9", "Client-IP": "198.51.100.9",
    "True-Client-IP": "198.51.100.9", "CF-Connecting-IP": "198.51.100.9",
    "X-Client-IP": "198.51.100.9", "X-Cluster-Client-IP": "198.51.100.9", "Via": "198.51.100.9",
    "X-Original-Forwarded-For": "198.51.100.9", "x-forwarded-for": "127.0.0.1, 198.51.100.9",
}  # fmt: skip
ANSWERED = 204


def prove_proxied(table: Table, root: Path, folder: Path) -> None:
    """Ask through the proxy under every header; the caller stays who it is."""
    if not installed():
        table.figure("behind the shipped proxy (caddy is not installed)", "not tried")
        return
    seen: list[dict[str, str]] = []
    with _upstream(seen) as upstream, proxy(root, folder, upstream) as port:
        for name, claim in CLAIMS.items():
            _ask(port, {name: claim})
        _ask(port, CLAIMS)
    callers = {_caller(headers) for headers in seen}
    table.promise(
        f"behind the shipped proxy, {len(seen)} requests under false headers: callers",
        ", ".join(sorted(callers)),
        held=callers == {"127.0.0.1/32"} and len(seen) == len(CLAIMS) + 1,
    )


def _caller(headers: dict[str, str]) -> str:
    """What the web process takes the caller for; the proxy has its own address in a container."""
    meta = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    request = RequestFactory().get("/", REMOTE_ADDR="172.31.250.2", **meta)  # type: ignore[arg-type]
    with override_settings(TRUSTED_PROXIES=["172.31.250.0/28"]):
        return caller_of(request)


def _ask(port: int, headers: dict[str, str]) -> None:
    connection = http.client.HTTPSConnection(HOST, port, timeout=10, context=unchecked())
    connection.request("GET", "/", headers=headers)
    assert connection.getresponse().status == ANSWERED
    connection.close()


@contextmanager
def _upstream(seen: list[dict[str, str]]) -> Iterator[int]:
    """A server in the web process's place that keeps what the proxy sends."""

    class Keeps(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # As WSGI has it: of two headers with one name the values are joined.
            told: dict[str, str] = {}
            for name, value in self.headers.items():
                key = name.upper().replace("_", "-")
                told[key] = f"{told[key]},{value}" if key in told else value
            seen.append(told)
            self.send_response(ANSWERED)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keeps)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def proxy(root: Path, folder: Path, upstream: int) -> Iterator[int]:
    """The proxy before that server; its port for TLS."""
    folder.mkdir(parents=True, exist_ok=True)
    shipped = Proxy(root, folder, upstream)
    started = Started(shipped.program, {"HOME": str(folder)}, folder / "caddy.log")
    try:
        shipped.wait()
        yield shipped.https_port
    finally:
        started.stop()
