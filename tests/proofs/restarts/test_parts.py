"""Parts of the server: how it waits for processes that end, and the socket they accept from."""

import socket
from types import SimpleNamespace
from typing import Any, cast

from locator.server import STOPPING_S, RollingServer


class Worker:
    """A process that ends when told, of which another thread was told first."""

    idx = 0
    interrupt_by_parent = False

    def __init__(self, *, alive_for: int) -> None:
        self.alive_for = alive_for
        self.was_killed = False

    def is_alive(self) -> bool:
        self.alive_for -= 1
        return self.alive_for >= 0

    def terminate(self) -> None:
        """It ends."""

    def join(self, timeout: float | None = None) -> None:
        """Nothing to wait for."""
        assert timeout is None or timeout < STOPPING_S

    def kill(self) -> None:
        self.was_killed = True


def let_go(worker: Worker, monkeypatch: Any, *, patience: float = STOPPING_S) -> None:
    monkeypatch.setattr("locator.server.LEAVING_S", 0.0)
    monkeypatch.setattr("locator.server.STOPPING_S", patience)
    monkeypatch.setattr("locator.server.os.kill", lambda *_: None)
    worker.inner = worker  # type: ignore[attr-defined]
    worker.pid = 0  # type: ignore[attr-defined]
    RollingServer._let_go(cast("Any", None), cast("Any", [worker]))


def test_a_process_that_another_thread_has_waited_for_is_not_killed(monkeypatch: Any) -> None:
    worker = Worker(alive_for=4)
    let_go(worker, monkeypatch)
    assert not worker.was_killed


def test_a_process_that_does_not_end_is_killed(monkeypatch: Any) -> None:
    worker = Worker(alive_for=10**9)
    let_go(worker, monkeypatch, patience=0.01)
    assert worker.was_killed


def test_a_connection_waits_for_no_acknowledgement() -> None:
    """A head must not wait until the last answer was acknowledged: 40 ms, as TCP is set else."""
    server = SimpleNamespace(bind_uds=None, bind_addr="127.0.0.1", bind_port=0, backlog=8)
    RollingServer._init_shared_socket(cast("Any", server))
    with server._sso as listening, socket.create_connection(listening.getsockname()):
        listening.settimeout(5)
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
