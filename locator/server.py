"""The web server: granian, which replaces its processes one by one and loses no request.

``python -m locator.server`` takes granian's own options. SIGHUP starts a new process, waits until
it can search, then lets an old one end, and so on: an upgrade of what is installed here, or just
another start. All processes accept from one socket that is never closed meanwhile, so a connection
that waits for its turn outlives each of them. A process that is to end first answers with
``Connection: close`` for a while, so that nobody's next request meets a closed door.

systemd may hold that socket (sd_listen_fds(3)): then servers that share it can be stopped and
started in turn, and it is told when one can search (sd_notify(3)).
"""

import functools
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import granian.cli
from granian.log import logger
from granian.net import SocketHolder
from granian.server.mp import MPServer, WorkerProcess

from locator.core_dumps import never_dump_core
from locator.spreading import Board, Spreading

READY_S = 900.0  # for a new process to read every service; longer than at two million
LEAVING_S = float(os.environ.get("LEAVING_SECONDS", "2"))  # longer than callers pause
STOPPING_S = 7.0  # for what is being answered, then a process is killed
STARTING_S = 60.0  # beside others that share the socket; then searches are told to come back
POLL_S = 0.05
TURN_S = 0.001  # for another thread
FIRST_PASSED = 3  # sd_listen_fds(3)
IS_UNIX = False  # of a socket


@dataclass(frozen=True, slots=True)
class Announced:
    """Loads the application in a new process, and says when it can search.

    Until then the process takes no connection for so long, and for as long as another one of the
    server can search.
    """

    load: Callable[[], Any]
    ready: Connection
    longest_s: float
    board: Board
    number: int

    def __call__(self) -> Any:
        """The application, which shares its connections with the other processes."""
        application, accepts_from = self.load(), time.monotonic() + self.longest_s
        while not application.is_ready() and self.is_spared(accepts_from):
            time.sleep(POLL_S)
        self.ready.send_bytes(b"ready")
        spreading = Spreading(application, self.board, self.number)
        spreading.start()
        return spreading

    def is_spared(self, accepts_from: float) -> bool:
        """Whether others answer: it accepts from a monotonic time on, if none of them can."""
        return time.monotonic() < accepts_from or bool(self.board.lately())


class RollingServer(MPServer):  # type: ignore[misc]
    """A server whose processes can be replaced while it answers."""

    _longest_s = 0.0  # that a process which starts takes no connection; the first ones take them

    @functools.cached_property
    def _board(self) -> Board:
        return Board(self.workers)

    def serve(self, *arguments: Any, **named: Any) -> None:
        """Without granian's warning of many threads: most of ours wait (api/rooms.py)."""
        super(MPServer, self).serve(*arguments, **named)

    def _init_shared_socket(self) -> None:
        """One socket for all processes.

        With one for each, as granian has on Linux, the connections that wait in the socket of a
        process that ends are reset.
        """
        if self.bind_uds:
            super()._init_shared_socket()
            return
        if passed := _passed_on():
            self._sso, self._longest_s = passed, STARTING_S
        else:
            family = socket.AF_INET6 if ":" in self.bind_addr else socket.AF_INET
            where = (self.bind_addr, self.bind_port)
            self._sso = socket.create_server(where, family=family, backlog=self.backlog)
        # Connections take it over: a head must not wait until the last answer was acknowledged.
        self._sso.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sso.settimeout(0)
        self._sso.set_inheritable(True)
        self._ssp, self._shd = None, SocketHolder(self._sso.fileno(), IS_UNIX, self.backlog)

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> WorkerProcess:
        receiver, sender = multiprocessing.Pipe(duplex=False)
        announced = Announced(callback_loader, sender, self._longest_s, self._board, idx)
        worker = super()._spawn_worker(idx, target, announced)
        worker.ready, worker.sender = receiver, sender  # both ends stay open until it is known
        return worker

    def startup(self, spawn_target: Any, target_loader: Any) -> None:
        """Start, and tell systemd when all can search."""
        super().startup(spawn_target, target_loader)
        if os.environ.get("NOTIFY_SOCKET"):
            threading.Thread(target=self._tell_when_ready, daemon=True).start()

    def _tell_when_ready(self) -> None:
        if all(self._becomes_ready(worker) for worker in list(self.wrks)):
            _notify("READY=1")

    def _respawn_workers(
        self, workers: list[int], spawn_target: Any, target_loader: Any, delay: float = 0
    ) -> None:
        for idx in workers:
            if not self.wrks[idx].is_alive():  # it crashed
                super()._respawn_workers([idx], spawn_target, target_loader)
            elif not self._replace(idx, spawn_target, target_loader):
                logger.error(f"worker-{idx + 1} stays: the new one did not become ready")
                return

    def _replace(self, idx: int, spawn_target: Any, target_loader: Any) -> bool:
        """Put a new process in the place of one; False, and all as it was, if it fails."""
        usual, self._longest_s = self._longest_s, READY_S
        new, old = self._spawn_worker(idx, spawn_target, target_loader), self.wrks[idx]
        self._longest_s = usual
        new.interrupt_by_parent = True  # until it is one of ours its end ends nothing else
        new.start()
        if not self._becomes_ready(new):
            new.kill()
            new.join()
            return False
        self.wrks[idx] = new
        new.interrupt_by_parent = False
        self._let_go([old])
        return True

    def _becomes_ready(self, worker: WorkerProcess) -> bool:
        patient_until = time.monotonic() + READY_S
        while time.monotonic() < patient_until and not self.interrupt_signal:
            if worker.ready.poll(POLL_S):
                return True
            if not worker.is_alive():
                return False
        return False

    def _stop_workers(self) -> None:
        self._let_go(self.wrks)
        self.wrks.clear()

    def _let_go(self, workers: list[WorkerProcess]) -> None:
        """Let processes end: first they say goodbye, then they finish what they are at."""
        for worker in workers:
            worker.interrupt_by_parent = True
            if worker.is_alive():
                os.kill(worker.inner.pid, signal.SIGUSR1)
        time.sleep(LEAVING_S)
        for worker in workers:
            worker.terminate()
        for worker in workers:
            if not _ends(worker):
                logger.warning(f"worker-{worker.idx + 1} did not end in {STOPPING_S:.0f} s: killed")
                worker.kill()
                worker.join()


def _ends(worker: WorkerProcess) -> bool:
    """Wait for a process to end; whether it did.

    Granian waits for it as well, in another thread. When that is told first, ``join`` returns at
    once, and the process counts as alive until that thread has had its turn.
    """
    patient_until = time.monotonic() + STOPPING_S
    while worker.is_alive() and time.monotonic() < patient_until:
        worker.join(POLL_S)
        time.sleep(TURN_S)
    return not worker.is_alive()


def _passed_on() -> socket.socket | None:
    """The socket that systemd holds for this process, if it does."""
    is_ours = os.environ.pop("LISTEN_PID", "") == str(os.getpid())
    return socket.socket(fileno=FIRST_PASSED) if is_ours else None


def _notify(state: str) -> None:
    """Tell systemd; a name that begins with @ is an abstract one."""
    address = os.environ["NOTIFY_SOCKET"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.sendto(state.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)


def main() -> None:
    """Serve until told to stop."""
    never_dump_core()  # nor may any process that it starts
    multiprocessing.set_start_method("spawn")  # each process is of the code that is installed then
    granian.cli.Server = RollingServer
    granian.cli.entrypoint()


if __name__ == "__main__":
    main()
