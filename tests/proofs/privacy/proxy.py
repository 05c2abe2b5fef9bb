"""The shipped reverse proxy: Debian's Caddy with the Caddyfile of the compose file.

Changed are its ports, where the web process is, the name of a setting in an older Caddy, and that
the certificate authority it makes for ``localhost`` is not put among those that the machine trusts.
"""

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

from processes import Program

from tests.proofs.web import free_port

HOST = "localhost"
LINE = "sudo apt-get install -y --no-install-recommends caddy"
STARTING_SECONDS = 20.0
REQUEST_BUFFERS_SINCE = (2, 7)  # before, it had another name and no bound


class Proxy:
    """How it is started, and where it listens."""

    def __init__(self, root: Path, folder: Path, web_port: int) -> None:
        caddy = shutil.which("caddy")
        if caddy is None:
            sys.exit(f"The proxy is missing. Run this once:\n\n    {LINE}\n")
        self.http_port, self.https_port = free_port(), free_port()
        config = folder / "Caddyfile"
        config.write_text(
            self.adjusted((root / ".docker/Caddyfile").read_text(), web_port), encoding="utf-8"
        )
        command = [caddy, "run", "--adapter", "caddyfile", "--config", str(config)]
        kept = {"XDG_DATA_HOME": str(folder / "caddy"), "XDG_CONFIG_HOME": str(folder / "caddy")}
        self.program = Program("proxy", command, {"LOCATOR_HOST": HOST} | kept)

    def adjusted(self, caddyfile: str, web_port: int) -> str:
        """The Caddyfile for this machine.

        Raises:
            AssertionError: the shipped file no longer says what is changed.
        """
        changes = {
            "admin off": "admin off\n\tskip_install_trust",
            "http_port 8080": f"http_port {self.http_port}",
            "https_port 8443": f"https_port {self.https_port}",
            "web:8000": f"127.0.0.1:{web_port}",
        }
        if _version() < REQUEST_BUFFERS_SINCE:
            changes["request_buffers 2MiB"] = "buffer_requests"
        for shipped, here in changes.items():
            assert caddyfile.count(shipped) == 1, shipped
            caddyfile = caddyfile.replace(shipped, here)
        return caddyfile

    def wait(self) -> None:
        """Wait until it has a certificate and answers."""
        until = time.monotonic() + STARTING_SECONDS
        while not self._shakes_hands():
            if time.monotonic() > until:
                sys.exit("The proxy did not start.")
            time.sleep(0.1)

    def _shakes_hands(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.https_port), timeout=2) as plain:
                unchecked().wrap_socket(plain, server_hostname=HOST).close()
        except OSError:
            return False
        return True


def _version() -> tuple[int, int]:
    command = [shutil.which("caddy") or "caddy", "version"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+)\.(\d+)", told)
    assert found, told
    return int(found[1]), int(found[2])


def unchecked() -> ssl.SSLContext:
    """TLS without asking who signed: the authority was made a moment ago, on this machine."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def installed() -> bool:
    """Whether there is a Caddy here."""
    return shutil.which("caddy", path=os.environ.get("PATH")) is not None
