"""Spreading connections over the web processes of one server.

All processes accept from one socket, and of connections that are opened at once and stay open, one
process mostly takes all. So a process that has more to do than the others ends a few of its
connections, each with an answer that says so (``Connection: close``): who asks again connects anew,
and whoever waits for connections is there first. A process that is to end does so with all of them.
"""

import threading
import time
from collections.abc import Callable, Iterable, MutableSequence
from statistics import fmean as mean
from typing import Any

from services.leaving import leaving

LOOKS_EVERY_S = 0.25
COUNTS_S = 1.0  # of a request, at most: longer ones wait for news (``/changes/``) and do nothing
BUSIER_CORES = 0.25  # than the mean: then one connection is too many, however few requests overlap

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Spreading:
    """A WSGI application around another, which hands on work that others could do.

    Args:
        application: what answers.
        told: shared by all processes, two places for each: seconds that requests took there, of
            all that ran beside each other, in sum; and seconds of processor time.
        number: of this process.
    """

    def __init__(self, application: Application, told: MutableSequence[float], number: int) -> None:
        self.application = application
        self._told, self._worked, self._used = told, 2 * number, 2 * number + 1
        self._lock = threading.Lock()
        self._seen, self._looked = list(told), time.monotonic()
        self._to_end = 0

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one request."""
        if self._to_end or leaving.is_set():
            self._to_end = max(0, self._to_end - 1)
            start_response = _closing(start_response)
        began = time.monotonic()
        try:
            return self.application(environ, start_response)
        finally:
            self._count(began, time.monotonic())

    def _count(self, began: float, now: float) -> None:
        with self._lock:
            self._told[self._worked] += min(now - began, COUNTS_S)
            if now - self._looked >= LOOKS_EVERY_S:
                self._look(now)

    def _look(self, now: float) -> None:
        """See how many connections are too many here.

        That is how many requests are answered at a time, above the mean of all processes. Those
        that wait for the interpreter's lock are not seen: who uses more of a core has one too many.
        """
        self._told[self._used] = time.process_time()
        told, passed = list(self._told), now - self._looked
        rates = [(new - old) / passed for new, old in zip(told, self._seen, strict=True)]
        too_many = int(rates[self._worked] - mean(rates[::2]))
        is_busier = rates[self._used] - mean(rates[1::2]) > BUSIER_CORES
        self._to_end = max(0, too_many, is_busier)
        self._seen, self._looked = told, now


def _closing(start_response: Callable[..., Any]) -> Callable[..., Any]:
    """Say that the connection ends with this answer: the next request goes to another process."""

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        return start_response(status, [*headers, ("Connection", "close")], *more)

    return start
