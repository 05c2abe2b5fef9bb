"""The production server, with two web processes."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from checkout import Checkout
from foreground import ENOUGH_IN_A_ROW, can_search, programs

from tests.proofs.asking import OverHttp

STARTING_SECONDS = 180.0


class Web(OverHttp):
    """A server that runs here."""

    def __init__(self, port: int, pid: int) -> None:
        super().__init__(f"http://127.0.0.1:{port}")
        self.port, self.pid = port, pid


@contextmanager
def web(checkout: Checkout, settings: Mapping[str, str]) -> Iterator[Web]:
    """The production server with two processes, each of which can search."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    program = programs(checkout, port)[0]
    log = (checkout.data / "failover-web.log").open("w")
    server = subprocess.Popen(
        program.command,
        env={**settings, **program.extra},
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        _wait_until_all_search(port, server)
        yield Web(port, server.pid)
    finally:
        server.terminate()
        try:
            server.wait(10)
        finally:
            with contextlib.suppress(ProcessLookupError):  # mostly nothing is left of it
                os.killpg(server.pid, signal.SIGKILL)
            log.close()


def _wait_until_all_search(port: int, server: subprocess.Popen[bytes]) -> None:
    patient_until, in_a_row = time.monotonic() + STARTING_SECONDS, 0
    while in_a_row < ENOUGH_IN_A_ROW:
        if time.monotonic() > patient_until or server.poll() is not None:
            sys.exit("The web server did not start: see failover-web.log.")
        in_a_row = in_a_row + 1 if can_search(port) else 0
        time.sleep(0.1)
