import os

import pytest
import servers
from checkout import Checkout
from servers import borrowed_servers, hold_servers, stop_servers


class FakeServer:
    """A server that only remembers whether it runs."""

    def __init__(self, name: str, *, running: bool = False) -> None:
        self.name = name
        self.running = running

    def is_running(self) -> bool:
        return self.running

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False


@pytest.fixture
def asleep(monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    return with_server(monkeypatch, FakeServer("PostgreSQL"))


def with_server(monkeypatch: pytest.MonkeyPatch, server: FakeServer) -> FakeServer:
    monkeypatch.setattr(servers, "servers_of", lambda _: [server])
    return server


def test_borrowed_servers_run_meanwhile_and_stop_afterwards(
    asleep: FakeServer, a_checkout: Checkout
) -> None:
    with borrowed_servers(a_checkout):
        assert asleep.running
    assert not asleep.running


def test_they_stop_when_the_work_fails(asleep: FakeServer, a_checkout: Checkout) -> None:
    with pytest.raises(KeyboardInterrupt), borrowed_servers(a_checkout):
        raise KeyboardInterrupt
    assert not asleep.running


def test_servers_found_running_are_left_running(
    monkeypatch: pytest.MonkeyPatch, a_checkout: Checkout
) -> None:
    awake = with_server(monkeypatch, FakeServer("Redis", running=True))
    with borrowed_servers(a_checkout):
        pass
    assert awake.running


def test_servers_somebody_else_uses_are_left_running(
    asleep: FakeServer, a_checkout: Checkout
) -> None:
    with borrowed_servers(a_checkout):
        somebody = hold_servers(a_checkout)
    os.close(somebody)
    assert asleep.running


def test_stopping_tells_what_was_running() -> None:
    awake, asleep = FakeServer("Redis", running=True), FakeServer("PostgreSQL")
    assert stop_servers([awake, asleep]) == [awake]


def test_only_we_can_look_into_the_folder_of_the_servers(
    asleep: FakeServer, a_checkout: Checkout
) -> None:
    with borrowed_servers(a_checkout):
        mode = a_checkout.servers.stat().st_mode & 0o777
    # Root's servers run under another name, which must be able to pass but not to list.
    assert mode == (0o700 if a_checkout.account.is_us else 0o711)
