"""Requests that are hardly HTTP, sent to the running server byte by byte."""

import contextlib
import socket
from dataclasses import dataclass

SEARCH = b"POST /api/v1/nearby/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
BODY = b'{"lat":39.8765,"lon":-75.1652}'
KINDS = b"GET /api/v1/kinds/ HTTP/1.1\r\nHost: localhost\r\n"
SAID = (b"39.87", b"canary")  # what no answer may repeat
PATIENCE_S = 3.0  # a server that waits for the rest of a request says nothing till then
PAUSE_S = 0.2  # within an answer


@dataclass(frozen=True)
class Answered:
    """What came back: a status, or None where the server hung up or waited for more."""

    status: int | None
    content: bytes

    @property
    def is_right(self) -> bool:
        """It is no 5xx but that something is not spoken here, and repeats nothing."""
        is_known = self.status is None or self.status < 500 or self.status in (501, 505)
        return is_known and not any(word in self.content for word in SAID)


def _search(length: bytes, body: bytes = BODY, more: bytes = b"") -> bytes:
    return SEARCH + more + b"Content-Length: " + length + b"\r\n\r\n" + body


LENGTH = str(len(BODY)).encode()
REQUESTS: dict[str, bytes] = {
    "a body shorter than said": _search(b"300"),
    "a body longer than said": _search(b"20"),
    "a negative length": _search(b"-1"),
    "a length that is none": _search(b"canary"),
    "a length with a sign": _search(b"+" + LENGTH),
    "two lengths": _search(LENGTH, more=b"Content-Length: 7\r\n"),
    "a list of lengths": _search(LENGTH + b", 7"),
    "a length beyond 64 bits": _search(b"9" * 30),
    "a length and pieces": _search(LENGTH, b"0\r\n\r\n", b"Transfer-Encoding: chunked\r\n"),
    "in pieces": SEARCH + b"Transfer-Encoding: chunked\r\n\r\n1e\r\n" + BODY + b"\r\n0\r\n\r\n",
    "a broken piece": SEARCH + b"Transfer-Encoding: chunked\r\n\r\ncanary\r\n",
    "a piece beyond 64 bits": SEARCH + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 30 + b"\r\n",
    "pieces of another sort": _search(LENGTH, more=b"Transfer-Encoding: canary\r\n"),
    "expects to go on": _search(LENGTH, more=b"Expect: 100-continue\r\n"),
    "expects something else": _search(LENGTH, more=b"Expect: canary\r\n"),
    "no host": b"GET /api/v1/kinds/ HTTP/1.1\r\n\r\n",
    "two hosts": KINDS + b"Host: canary.example\r\n\r\n",
    "a whole address": b"GET http://canary.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a tunnel": b"CONNECT canary.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "an asterisk": b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "another version": b"GET /api/v1/kinds/ HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "no version": b"GET /api/v1/kinds/\r\n\r\n",
    "HTTP/2 at once": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": bytes.fromhex("16030100a5010000a10303") + b"canary" * 20,
    "bytes": bytes(range(256)) * 4,
    "line ends alone": b"\r\n" * 500,
    "a long path": b"GET /" + b"canary" * 30_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a long header": KINDS + b"X-Canary: " + b"c" * 200_000 + b"\r\n\r\n",
    "many headers": KINDS + b"".join(b"X-%d: c\r\n" % n for n in range(2_000)) + b"\r\n",
    "NUL in a header": KINDS + b"Accept-Language: e\0s\r\n\r\n",
    "bytes in a header": KINDS + b"Accept-Language: \xff\xfe\xc0\x80\r\n\r\n",
    "bytes in the path": b"GET /api/v1/\xff\xfe/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "spaces in the path": b"GET /api/v1/ca nary/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a fragment in the path": b"GET /api/v1/kinds/#canary HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a header without a name": KINDS + b": canary\r\n\r\n",
    "a header with a space": KINDS + b"X Canary : c\r\n\r\n",
    "a folded header": KINDS + b"Accept-Language: e\r\n s\r\n\r\n",
    "ends in LF alone": KINDS.replace(b"\r\n", b"\n") + b"\n",
    "a request in a request": KINDS + b"X: c\r\n\r\n" + KINDS + b"\r\n",
    "nothing": b"",
}


def sent(port: int, request: bytes) -> Answered:
    """What the server on loopback says to these bytes."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
        content = b""
        with contextlib.suppress(OSError):  # it may hang up, or wait for the rest
            connection.sendall(request)
            content = connection.recv(65_536)
            connection.settimeout(PAUSE_S)
            while part := connection.recv(65_536):
                content += part
    status = int(content[9:12]) if content.startswith(b"HTTP/1.") else None
    return Answered(status, content)
