"""Programs of ``make run`` that a proof starts, kills and starts again; the web server first."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from checkout import Checkout
from foreground import ENOUGH_IN_A_ROW, can_search, programs
from processes import Program

from tests.proofs.asking import OverHttp

STARTING_SECONDS = 180.0
STOPPING_SECONDS = 10.0


class Started:
    """A program in a process group of its own, which logs to a file."""

    def __init__(self, program: Program, settings: Mapping[str, str], log: Path) -> None:
        self.name, self.log = program.name, log
        self._program, self._settings = program, settings
        self.start()

    @property
    def pid(self) -> int:
        """Of its first process."""
        return self._process.pid

    def start(self) -> None:
        """Start it, again if it was killed."""
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                self._program.command,
                env={**self._settings, **self._program.extra},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def has_ended(self) -> bool:
        """Whether its first process is there no more."""
        return self._process.poll() is not None

    def kill(self) -> None:
        """Kill it, and all that it has started."""
        with contextlib.suppress(ProcessLookupError):  # mostly nothing is left of a stopped one
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ask it to stop, and kill what is left."""
        self._process.terminate()
        try:
            self._process.wait(STOPPING_SECONDS)
        finally:
            self.kill()


class Web(OverHttp):
    """A server that runs here."""

    def __init__(self, port: int, pid: int) -> None:
        super().__init__(f"http://127.0.0.1:{port}")
        self.port, self.pid = port, pid


@contextmanager
def web(checkout: Checkout, settings: Mapping[str, str]) -> Iterator[Web]:
    """The production server with two processes, each of which can search."""
    port = free_port()
    log = checkout.data / "proof-web.log"
    log.unlink(missing_ok=True)
    server = Started(programs(checkout, port)[0], settings, log)
    try:
        wait_until_all_search(port, server)
        yield Web(port, server.pid)
    finally:
        server.stop()


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_all_search(port: int, server: Started, patience_s: float = STARTING_SECONDS) -> None:
    """Wait until every web process has read every service."""
    patient_until, in_a_row = time.monotonic() + patience_s, 0
    while in_a_row < ENOUGH_IN_A_ROW:
        if time.monotonic() > patient_until or server.has_ended():
            sys.exit(f"The web server did not start: see {server.log}.")
        in_a_row = in_a_row + 1 if can_search(port) else 0
        time.sleep(0.1)
