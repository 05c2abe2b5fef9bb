"""One request of one searcher, from an address of their own, straight or through the proxy."""

import http.client
import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.proofs.privacy.canaries import Canary
from tests.proofs.privacy.proxy import HOST, unchecked

PATIENCE_S = 10.0
MOST = 1 << 20  # bytes read of an answer to a malformed request


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    Attributes:
        body: sent as JSON, or as it is if it is bytes.
        told: parts of the path that name the searcher's place, to be looked for as well.
    """

    method: str
    path: str
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    told: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; status 0 if nothing did."""

    status: int
    content: bytes  # headers and body


NOTHING = Answer(0, b"")


@dataclass(frozen=True, slots=True)
class Door:
    """Where the installation is entered."""

    name: str
    port: int
    tls: bool = False

    def ask(self, request: Request, one: Canary) -> Answer:
        """Ask as a well-behaved client."""
        body = request.body if isinstance(request.body, bytes) else _json(request.body)
        kind = {"Content-Type": "application/json"} if body else {}
        connection = self._connection(one)
        try:
            headers = {"Host": HOST} | kind | one.headers | dict(request.headers)
            connection.request(request.method, request.path, body, headers)
            with connection.getresponse() as response:
                told = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
                return Answer(response.status, told.encode() + b"\n" + response.read())
        except (OSError, http.client.HTTPException):
            return NOTHING
        finally:
            connection.close()

    def send(self, raw: bytes, one: Canary) -> Answer:
        """Send bytes that need not be HTTP, and read whatever comes."""
        try:
            with self._socket(one) as connected:
                connected.sendall(raw)
                connected.shutdown(socket.SHUT_WR) if not self.tls else None
                return _answer(connected)
        except OSError:
            return NOTHING

    def _connection(self, one: Canary) -> http.client.HTTPConnection:
        source = (one.address, 0)
        if self.tls:
            return http.client.HTTPSConnection(
                "127.0.0.1", self.port, timeout=PATIENCE_S, source_address=source, context=_named()
            )
        return http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=PATIENCE_S, source_address=source
        )

    def _socket(self, one: Canary) -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", self.port), 2.0, (one.address, 0))
        return unchecked().wrap_socket(plain, server_hostname=HOST) if self.tls else plain


def _named() -> Any:
    """TLS that asks for the proxy's name although it connects to an address."""
    context = unchecked()
    wrap: Callable[..., Any] = context.wrap_socket
    context.wrap_socket = lambda plain, **more: wrap(plain, **more | {"server_hostname": HOST})  # type: ignore[method-assign]
    return context


def _json(body: object) -> bytes | None:
    return None if body is None else json.dumps(body).encode()


def _answer(connected: socket.socket) -> Answer:
    content = b""
    while len(content) < MOST:
        try:
            piece = connected.recv(1 << 16)
        except OSError:  # it takes its time, or has hung up
            break
        if not piece:
            break
        content += piece
    status = content[9:12]
    return Answer(int(status) if status.isdigit() else 0, content)
