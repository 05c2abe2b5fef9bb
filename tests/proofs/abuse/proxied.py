"""Who calls behind the proxy as it is shipped, Caddy with ``.docker/Caddyfile``.

The file is used as it is, but for names that exist in containers only: host, upstream and ports.
"""

import http.server
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.test import RequestFactory, override_settings

from api.callers import caller_of
from tests.proofs.table import Table
from tests.proofs.web import free_port

CLAIMS = {
    "X-Forwarded-For": "198.51.100.9", "X_Forwarded_For": "198.51.100.9",
    "Forwarded": "for=198.51.100.9", "X-Real-IP": "198.51.100.9", "Client-IP": "198.51.100.9",
    "True-Client-IP": "198.51.100.9", "CF-Connecting-IP": "198.51.100.9",
    "X-Client-IP": "198.51.100.9", "X-Cluster-Client-IP": "198.51.100.9", "Via": "198.51.100.9",
    "X-Original-Forwarded-For": "198.51.100.9", "x-forwarded-for": "127.0.0.1, 198.51.100.9",
}  # fmt: skip
STARTING_S = 20.0


def prove_proxied(table: Table, root: Path, folder: Path) -> None:
    """Ask through the proxy under every header; the caller stays who it is."""
    caddy = shutil.which("caddy")
    if caddy is None:
        table.figure("behind the shipped proxy (caddy is not installed)", "not tried")
        return
    seen: list[dict[str, str]] = []
    with _upstream(seen) as upstream, _proxy(caddy, root, folder, upstream) as port:
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
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", headers=headers)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10):
        pass


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
            self.send_response(204)
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
def _proxy(caddy: str, root: Path, folder: Path, upstream: int) -> Iterator[int]:
    port = free_port()
    text = (root / ".docker/Caddyfile").read_text()
    for ours, theirs in (
        ("{$LOCATOR_HOST}", f"http://127.0.0.1:{port}"),
        ("web:8000", f"127.0.0.1:{upstream}"),
        ("http_port 8080", f"http_port {port}"),
        ("https_port 8443", f"https_port {free_port()}"),
    ):
        assert ours in text, ours
        text = text.replace(ours, theirs)
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "Caddyfile"
    config.write_text(text)
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "caddy.log").open("w") as log:
        command = [caddy, "run", "--config", str(config), "--adapter", "caddyfile"]
        process = subprocess.Popen(command, env=home, stdout=log, stderr=log)
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + STARTING_S
    while time.monotonic() < ends and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the proxy did not start")
