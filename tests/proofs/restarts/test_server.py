"""The server's processes, replaced while it answers, without Django. Long: make prove-restarts."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import pytest

from tests.proofs.steady import Running
from tests.proofs.web import free_port

PATIENCE_S = 60.0
PROCESSES = 2


class Server:
    """A server of tiny applications."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.is_of("first")
        command = [sys.executable, "-m", "locator.server", "--interface", "wsgi", "--no-ws"]
        command += ["--host", "127.0.0.1", "--port", str(self.port), "--workers", "2"]
        command += ["--blocking-threads", "4", "--log-level", "critical"]
        command += ["--respawn-failed-workers"]
        settings = {**os.environ, "TINY_FOLDER": str(folder), "LEAVING_SECONDS": "3"}
        application = "tests.proofs.restarts.tiny:application"
        self.process = subprocess.Popen([*command, application], env=settings)

    def connection(self) -> http.client.HTTPConnection:
        """One that is opened with its first request, and kept."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)

    def is_of(self, code: str) -> None:
        """What the next processes run."""
        (self.folder / "code").write_text(code)

    def ask(self, connection: http.client.HTTPConnection | None = None, path: str = "/") -> str:
        """What is answered."""
        asked = connection or self.connection()
        asked.request("GET", path)
        answer = asked.getresponse().read().decode()
        if connection is None:
            asked.close()
        return answer

    def processes(self) -> set[str]:
        """Those that answer, and are ready; none while the server starts."""
        try:
            told = [self.ask().split() for _ in range(20)]
        except OSError:
            return set()
        return {pid for pid, _code, state in told if state == "ready"}

    def both(self) -> list[str]:
        """Both processes: one alone may answer twenty times in a row, when the other is slow."""
        seen = set[str]()

        def are_seen() -> bool:
            seen.update(self.processes())
            return len(seen) == PROCESSES

        until(are_seen)
        return sorted(seen)

    def codes(self) -> set[str]:
        """Of the processes that answer, asked over new connections."""
        return {self.ask().split()[1] for _ in range(20)}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    try:
        until(lambda: len(made.processes()) == PROCESSES)
        yield made
    finally:
        made.process.terminate()
        assert made.process.wait(PATIENCE_S) == 0


def are_stopped(pid: int) -> bool:
    """Whether all threads of a process are."""
    states = [stat.read_text() for stat in Path(f"/proc/{pid}/task").glob("*/stat")]
    return all(one.rpartition(")")[2].split()[0] == "T" for one in states)


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


class Askers(Running):
    """Threads that ask all the time: over new connections, a kept one, and for slow answers."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.server, self.got, self.failed = server, list[str](), list[str]()
        self._kept = server.connection()

    def acts(self) -> list[Callable[[], None]]:
        ask = self.server.ask
        asks: list[Callable[[], str]] = [ask, partial(ask, path="/slow"), partial(ask, self._kept)]
        return [partial(self._go_on, one) for one in asks]

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self._kept.close()

    def _go_on(self, ask: Callable[[], str]) -> None:
        while not self.stop.wait(0.005):
            try:
                self.got.append(ask())
            except (OSError, http.client.HTTPException) as failure:
                self.failed.append(repr(failure))


def test_new_processes_take_the_place_of_old_ones_and_no_request_fails(server: Server) -> None:
    with Askers(server) as askers:
        server.is_of("second")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: server.codes() == {"second"})
    assert askers.failed == []
    told = {tuple(one.split()[1:]) for one in askers.got}
    assert ("second", "early") not in told  # it took no request before it was ready
    assert {("first", "ready"), ("second", "ready")} <= told


def test_processes_stay_when_new_ones_do_not_start(server: Server) -> None:
    before = server.processes()
    server.is_of("broken")
    server.process.send_signal(signal.SIGHUP)
    with Askers(server) as askers:
        time.sleep(2)
    server.is_of("third")
    assert askers.failed == []
    assert {one.split()[0] for one in askers.got} <= before
    server.process.send_signal(signal.SIGHUP)
    until(lambda: server.codes() == {"third"})


def test_connections_that_one_process_took_are_shared(server: Server) -> None:
    """Six that are kept, opened while the other process is held up, all ask at the same time."""
    held, busy = map(int, server.both())
    with ExitStack() as open_ones, ThreadPoolExecutor(6) as asking:
        kept = [open_ones.enter_context(closing(server.connection())) for _ in range(6)]

        def who_answers() -> set[int]:
            told = asking.map(partial(server.ask, path="/slow"), kept)
            return {int(one.split()[0]) for one in told}

        os.kill(held, signal.SIGSTOP)
        until(lambda: are_stopped(held))  # else it takes connections for a moment more
        try:
            assert who_answers() == {busy}
        finally:
            os.kill(held, signal.SIGCONT)
        until(lambda: who_answers() == {held, busy})


def test_who_takes_the_place_of_a_process_that_crashed_answers_when_it_can_search(
    server: Server,
) -> None:
    """Until then the other one does; only what was being answered there is lost."""
    dies, lives = server.both()
    with Askers(server) as askers:
        os.kill(int(dies), signal.SIGKILL)
        until(lambda: len(server.processes() - {dies}) == PROCESSES)
    assert len(askers.failed) <= len(askers.acts())
    assert lives in {one.split()[0] for one in askers.got}
    assert {one.split()[2] for one in askers.got} == {"ready"}
