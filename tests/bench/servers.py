"""The production server on a free port, started as ``make run`` starts it."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checkout import checkout_here
from foreground import programs

from tests.bench.cores import children_of
from tests.bench.paced import Connection

OURS, BARE = "tests.bench.wsgi:application", "tests.bench.bare:application"
NEARBY = "/api/v1/nearby/"
A_SEARCH = b'{"lat": 40.0, "lon": -75.0}'
PATIENCE_SECONDS = 900.0
# On Linux a server is told to stop even when the stage that started it is killed outright.
ENDS_WITH_US = ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []
ANSWERS_IN_A_ROW = 20  # each question reaches any of the processes


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers."""

    port: int
    process: subprocess.Popen[bytes]
    ready_seconds: float

    def worker_pids(self) -> list[int]:
        """Its web processes: the other children have one thread."""
        children = children_of(self.process.pid)
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
    web = programs(checkout_here(os.environ), port)[0]
    command = [*ENDS_WITH_US, *web.command[:-1], application]
    command[command.index("--workers") + 1] = str(workers)
    settings = {**os.environ, "LIMITS_KEY": secrets.token_urlsafe(32), **(environment or {})}
    began = time.monotonic()
    process = subprocess.Popen(command, env=settings, start_new_session=True)
    try:
        _wait(process, port, path, answers=1)
        ready = time.monotonic() - began
        if workers > 1:
            _wait(process, port, path, answers=ANSWERS_IN_A_ROW)
        yield Server(port, process, ready)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        with contextlib.suppress(ProcessLookupError):  # mostly nothing is left of its group
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, path: str, *, answers: int) -> None:
    """Wait for so many answers in a row, each over a new connection, so by whichever process."""
    end, in_a_row = time.monotonic() + PATIENCE_SECONDS, 0
    while time.monotonic() < end and process.poll() is None:
        in_a_row = in_a_row + 1 if _answers(port, path) else 0
        if in_a_row == answers:
            return
        time.sleep(0.02)
    raise RuntimeError(f"The server did not answer {path} within {PATIENCE_SECONDS:.0f} s.")


def _answers(port: int, path: str) -> bool:
    """Whether an answer comes, of a search a fresh one: then the process has read everything."""
    try:
        connection = Connection(port, path)
        try:
            answer = connection.post(A_SEARCH)
        finally:
            connection.close()
    except (OSError, RuntimeError):
        return False
    return path != NEARBY or b'"stale":false' in answer
