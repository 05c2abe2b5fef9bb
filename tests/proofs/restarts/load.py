"""Fifty requests a second over new and kept connections, and a phone that waits for changes."""

import contextlib
import http.client
import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from tests.proofs.steady import Running

PER_SECOND = 50
KEPT = 10  # connections that are kept; of the requests the larger part goes over them
OVER_NEW = 3  # every so many requests goes over a new connection
WRITES = 25  # every so many is a report
PATIENCE_S = 60.0
WAIT_S = 20  # that the phone asks for
GOOD = (200, 201)


@dataclass(frozen=True)
class Got:
    """What became of a request: when it was sent, its status or the failure, and after how long."""

    at: float
    what: str
    seconds: float
    closes: bool = False

    @property
    def failed(self) -> bool:
        """Whether it was answered otherwise than it should."""
        return self.what not in map(str, GOOD)


@dataclass
class Steady(Running):
    """The load, until it is stopped."""

    port: int
    token: str
    service: str
    changes: str  # path of what the phone waits for
    host: str = "127.0.0.1"
    got: list[Got] = field(default_factory=list)
    polls: list[Got] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Begin."""
        self._free = [self._connection() for _ in range(KEPT)]
        return super().__enter__()

    def __exit__(self, *_: object) -> None:
        """End: what was begun is finished."""
        super().__exit__()
        for connection in self._free:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE_S)

    def acts(self) -> list[Callable[[], None]]:
        """Requests, and the phone."""
        return [self._send, self._poll]

    def _send(self) -> None:
        self.steadily(self._request, per_second=PER_SECOND, at_once=4 * PER_SECOND)

    def _request(self, number: int) -> None:
        path, body = self._asked(number)
        with self._one(new=number % OVER_NEW == 0) as connection:
            self.got.append(self._exchange(connection, "POST", path, body))

    def _asked(self, number: int) -> tuple[str, dict[str, Any]]:
        if number % WRITES:
            return "/api/v1/nearby/", {"lat": 39.9 + number % 50 / 100, "lon": -75.1}
        said = {"id": str(uuid.uuid4()), "state": "available", "remaining": number % 50 + 1}
        return f"/api/v1/services/{self.service}/reports/", said

    @contextlib.contextmanager
    def _one(self, *, new: bool) -> Iterator[http.client.HTTPConnection]:
        """The kept connection that was idle longest, if one is; else a new one.

        In turn, so that each is in use when a process says goodbye. One that is idle for longer
        is closed in silence, and clients look whether it was before they use it.
        """
        kept = None
        with contextlib.suppress(IndexError):
            kept = None if new else self._free.pop(0)
        connection = kept or self._connection()
        try:
            yield connection
        finally:
            if kept:
                self._free.append(kept)
            else:
                connection.close()

    def _exchange(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: Any = None
    ) -> Got:
        began, closes = time.monotonic(), False
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        try:
            connection.request(method, path, body and json.dumps(body), headers)
            answer = connection.getresponse()
            closes = bool(answer.will_close)
            answer.read()
            what = str(answer.status)
        except (OSError, http.client.HTTPException) as failure:
            connection.close()
            what = type(failure).__name__
        return Got(began, what, time.monotonic() - began, closes)

    def _poll(self) -> None:
        while not self.stop.is_set():
            with self._one(new=True) as connection:
                self.polls.append(self._exchange(connection, "GET", self.changes))
            self.stop.wait(0.2)  # one that may not wait is answered at once
