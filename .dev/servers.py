"""PostgreSQL and Redis together: started when somebody needs them, stopped when nobody does."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from checkout import Checkout
from postgres import PostgreSQL
from processes import undisturbed
from redis_server import Redis


class Server(Protocol):
    """What PostgreSQL and Redis have in common."""

    name: str

    def is_running(self) -> bool:
        """Whether it is up."""

    def start(self) -> None:
        """Start it and wait until it answers."""

    def stop(self) -> None:
        """Stop it and wait until it has."""


def servers_of(checkout: Checkout) -> list[Server]:
    """Both servers of a checkout."""
    return [PostgreSQL(checkout), Redis(checkout)]


def start_servers(checkout: Checkout) -> None:
    """Start what does not run yet."""
    _servers_folder(checkout)
    with _locked(checkout.data / "starting.lock"):
        for server in servers_of(checkout):
            if not server.is_running():
                server.start()


def stop_servers(servers: list[Server]) -> list[Server]:
    """Stop those that run.

    Returns:
        Those that we stopped.
    """
    with undisturbed():
        awake = [server for server in reversed(servers) if server.is_running()]
        for server in awake:
            server.stop()
    return awake


def hold_servers(checkout: Checkout) -> int:
    """Say that somebody uses the servers, for as long as the returned file stays open."""
    handle = os.open(checkout.data / "in-use.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


@contextmanager
def borrowed_servers(checkout: Checkout) -> Iterator[None]:
    """Have both servers for a while and leave them as they were found.

    Those that we started are stopped at the end, unless somebody else has come to use them.
    """
    handle = hold_servers(checkout)
    asleep = [server for server in servers_of(checkout) if not server.is_running()]
    try:
        start_servers(checkout)
        yield
    finally:
        if asleep and _nobody_else(handle):
            stop_servers(asleep)
        os.close(handle)


def _nobody_else(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _servers_folder(checkout: Checkout) -> None:
    """Make the folder both servers have theirs in; their account must be able to pass."""
    if checkout.servers.exists():
        return
    checkout.servers.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    checkout.servers.mkdir()
    checkout.servers.chmod(0o700 if checkout.account.is_us else 0o711)
