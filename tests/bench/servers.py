"""The production server on a free port, started as ``make run`` starts it."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.bench.paced import Connection

OURS, BARE = "tests.bench.wsgi:application", "tests.bench.bare:application"
NEARBY = "/api/v1/nearby/"
A_SEARCH = b'{"lat": 40.0, "lon": -75.0}'
PATIENCE_SECONDS = 900.0
FOUND_IN_A_ROW = 12  # each question reaches any of the processes


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers."""

    port: int
    process: subprocess.Popen[bytes]
    ready_seconds: float

    def worker_pids(self) -> list[int]:
        """Its web processes: the other children have one thread."""
        children = _children(self.process.pid)
        threads = {pid: len(os.listdir(f"/proc/{pid}/task")) for pid in children}  # noqa: PTH208
        return [pid for pid in children if threads[pid] > 1]


@contextlib.contextmanager
def serving(
    application: str,
    *,
    workers: int,
    path: str = NEARBY,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """A server whose processes have all answered ``path``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", str(workers), "--blocking-threads", "4", "--no-ws"]
    command += ["--no-access-log", "--log-level", "error", application]
    settings = {**os.environ, "LIMITS_KEY": secrets.token_urlsafe(32), **(environment or {})}
    began = time.monotonic()
    process = subprocess.Popen(command, env=settings, start_new_session=True)
    try:
        _wait(process, port, path)
        ready = time.monotonic() - began
        for _ in range(FOUND_IN_A_ROW if workers > 1 else 0):
            _wait(process, port, path)
            time.sleep(0.05)
        yield Server(port, process, ready)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        with contextlib.suppress(ProcessLookupError):  # mostly nothing is left of its group
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    """Wait until a search is answered: then one process has read and compiled everything."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError, RuntimeError):
            connection = Connection(port, path)
            connection.post(A_SEARCH)
            connection.close()
            return
        time.sleep(0.02)
    raise RuntimeError(f"The server did not answer {path} within {PATIENCE_SECONDS:.0f} s.")


def _children(pid: int) -> list[int]:
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
        with open(f"/proc/{pid}/task/{task}/children") as children:  # noqa: PTH123
            found += [int(child) for child in children.read().split()]
    return found
