"""Requests to the server: urllib, with a timeout, and without following redirects.

A redirect is the sign-in page of some network's door, or somebody who would like to have a token.
"""

import http.client
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

TIMEOUT_S = 40.0  # longer than the server lets a long poll wait
JSON = "application/json"
GZIP = "gzip"
ZLIB_OF_GZIP = 31  # window bits
MOST_BYTES = 64_000_000  # of an answer, unpacked


class NetworkError(Exception):
    """No answer, or half of one. Whatever was asked may have happened, or not."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; names of headers are found in any case."""

    status: int
    headers: Message
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """A header, or ""."""
        return str(self.headers.get(name, ""))


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """A redirect is an answer like any other."""


class Transport:
    """The way to one server.

    Args:
        address: such as https://locator.example.
        timeout_s: without a byte for so long, an answer is given up.
    """

    def __init__(self, address: str, *, timeout_s: float = TIMEOUT_S) -> None:
        if urllib.parse.urlsplit(address).scheme not in {"http", "https"}:
            raise ValueError("The address of a server begins with https:// or http://.")
        self._address, self._timeout_s = address.rstrip("/"), timeout_s
        self._opener = urllib.request.build_opener(_NoRedirects)

    def get(self, path: str, query: dict[str, Any], headers: dict[str, str] | None = None) -> Reply:
        """Ask for a document; it comes compressed if the server can.

        Raises:
            NetworkError: see there.
        """
        with self.opened(path, query, {"Accept-Encoding": GZIP, **(headers or {})}) as answer:
            return self._reply(answer)

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        """Send a JSON document.

        Raises:
            NetworkError: see there.
        """
        request = urllib.request.Request(  # noqa: S310 - http or https, as was looked at
            self._address + path, body, {"Content-Type": JSON, **headers}, method="POST"
        )
        with self._answered(request) as answer:
            return self._reply(answer)

    @contextmanager
    def opened(self, path: str, query: dict[str, Any], headers: dict[str, str]) -> Iterator[Any]:
        """An answer whose body is still to be read, as urllib gives it.

        Raises:
            NetworkError: see there.
        """
        url = f"{self._address}{path}?{urllib.parse.urlencode(query)}"
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - as above
        with self._answered(request) as answer:
            yield answer

    @contextmanager
    def _answered(self, request: urllib.request.Request) -> Iterator[Any]:
        try:
            with self._open(request) as answer:
                yield answer
        except (OSError, http.client.HTTPException) as error:
            raise NetworkError(f"No whole answer came: {type(error).__name__}.") from error

    def _open(self, request: urllib.request.Request) -> Any:
        try:
            return self._opener.open(request, timeout=self._timeout_s)
        except urllib.error.HTTPError as refusal:
            return refusal  # an answer, with its body

    @staticmethod
    def _reply(answer: Any) -> Reply:
        body = answer.read()
        if answer.headers.get("Content-Encoding") == GZIP:
            body = unpacked(body, MOST_BYTES)
        return Reply(answer.status, answer.headers, body)


def unpacked(data: bytes, most: int) -> bytes:
    """What was compressed.

    Args:
        data: of gzip.
        most: bytes that it may have.

    Raises:
        NetworkError: it has more, is not whole, or is not of gzip.
    """
    unpacker = zlib.decompressobj(ZLIB_OF_GZIP)
    try:
        body = unpacker.decompress(data, most + 1)  # one more, so that the end is seen
    except zlib.error as error:
        raise NetworkError("What came cannot be unpacked.") from error
    if not unpacker.eof or len(body) > most:
        raise NetworkError("What came is larger than it may be, or not whole.")
    return body
