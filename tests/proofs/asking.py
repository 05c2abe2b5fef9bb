"""Asking a server as a phone does, over HTTP or, in the suite, in this process."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

IN_A_ROW = 6  # several web processes answer in turn
PATIENCE_SECONDS = 5.0  # when a change must be in a search; what it took is printed
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Answer:
    """A status, what was told (None if it is no JSON), the text, and headers in lower case."""

    status: int
    told: Any
    text: str
    headers: Mapping[str, str]


class Server(Protocol):
    """Whatever answers."""

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request with a JSON body, or a form if the body is a text."""

    def settle(self, seen: Callable[[], bool]) -> float:
        """Wait until something is seen; the seconds that took. Fails if it takes too long."""


class OverHttp:
    """A running server."""

    def __init__(self, base: str) -> None:
        self.base = base

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """See Server."""
        form = isinstance(body, str)
        data = str(body).encode() if form else json.dumps(body).encode()
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        all_headers = {"Content-Type": kind} | dict(headers or {})
        if token:
            all_headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(
            self.base + path,
            data=None if body is None else data,
            headers=all_headers,
            method=method,
        )
        try:
            with NO_PROXY.open(request, timeout=30) as response:
                return _answer(response.status, response.read(), response.headers)
        except urllib.error.HTTPError as refusal:
            return _answer(refusal.code, refusal.read(), refusal.headers)

    def settle(self, seen: Callable[[], bool]) -> float:
        """See Server. Seen twice in a row by each of the processes that answer in turn."""
        began = time.monotonic()
        first_seen, in_a_row = 0.0, 0
        while in_a_row < IN_A_ROW:
            waited = time.monotonic() - began
            assert waited < PATIENCE_SECONDS, "not seen in time"
            if seen():
                first_seen, in_a_row = first_seen or waited, in_a_row + 1
            else:
                first_seen, in_a_row = 0.0, 0
                time.sleep(0.01)
        return first_seen


def _answer(status: int, body: bytes, headers: Any) -> Answer:
    text = body.decode(errors="replace")
    try:
        told = json.loads(text) if text else None
    except ValueError:
        told = None
    return Answer(status, told, text, {name.lower(): value for name, value in headers.items()})
