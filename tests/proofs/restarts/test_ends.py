"""A process that has ended is not taken for one that will not."""

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


def test_a_process_that_another_thread_has_waited_for_is_not_killed(monkeypatch: Any) -> None:
    monkeypatch.setattr("locator.server.LEAVING_S", 0.0)
    monkeypatch.setattr("locator.server.os.kill", lambda *_: None)
    worker = Worker(alive_for=4)
    worker.inner = worker  # type: ignore[attr-defined]
    worker.pid = 0  # type: ignore[attr-defined]
    RollingServer._let_go(cast("Any", None), cast("Any", [worker]))
    assert not worker.was_killed
