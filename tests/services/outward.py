"""Sees whom this process asks: connections, names looked up, programs started."""

import ipaddress
import sys
from collections.abc import Iterator
from typing import Any

import pytest

Watch = list[str]
EVENTS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto",
          "urllib.Request", "http.client.connect", "ftplib.connect", "smtplib.connect",
          "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn")  # fmt: skip
_listeners: list[Watch] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _listeners and event in EVENTS and not _stays_here(event, arguments):
        for listener in _listeners:
            listener.append(f"{event} {arguments!r}")


def _stays_here(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether it is one of our own servers: a socket file, or loopback by its number."""
    if event not in {"socket.connect", "socket.sendto"}:
        return False
    address = arguments[1]
    if isinstance(address, (str, bytes)):
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return False


sys.addaudithook(_hook)  # nobody can take it off again; without a listener it does nothing


@pytest.fixture
def watched() -> Iterator[Watch]:
    """What leaves this process from now on."""
    seen: Watch = []
    _listeners.append(seen)
    yield seen
    _listeners.remove(seen)
