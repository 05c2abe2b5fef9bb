"""The reverse proxy as it is shipped, on a port of this machine."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.proofs.asking import OverHttp
from tests.proofs.web import free_port

SHIPPED = Path(__file__).parents[3] / ".docker" / "Caddyfile"
STARTING_S = 20.0


@contextmanager
def caddy_before(port: int, folder: Path) -> Iterator[int]:
    """Caddy with the shipped file, before a web server on a port here; gives its own port.

    Only names differ: where the web server is, and that there is no certificate to fetch.
    """
    own, unused = free_port(), free_port()
    text = SHIPPED.read_text().replace("web:8000", f"127.0.0.1:{port}")
    text = text.replace("http_port 8080", f"http_port {unused}")
    text = text.replace("https_port 8443", f"https_port {free_port()}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Caddyfile").write_text(text)
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    settings = {**os.environ, **home, "LOCATOR_HOST": f"http://localhost:{own}"}
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    with (folder / "caddy.log").open("a") as log:
        process = subprocess.Popen(command, env=settings, stdout=log, stderr=log)
    try:
        _wait(own)
        yield own
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port: int) -> None:
    end = time.monotonic() + STARTING_S
    while time.monotonic() < end:
        try:
            OverHttp(f"http://localhost:{port}").ask("GET", "/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("Caddy did not start.")
