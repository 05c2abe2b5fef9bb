"""Spreading connections over the web processes of one server.

All processes accept from one socket, and of connections that are opened at once and stay open, one
process mostly takes all. So a process that has more to do than the others ends a few of its
connections, each with an answer that says so (``Connection: close``): who asks again connects anew,
and whoever waits for connections is there first. A process that is to end does so with all of them,
and so does one that cannot search yet.
"""

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterable
from statistics import fmean as mean
from typing import Any, NamedTuple

from services.leaving import leaving

LOOKS_EVERY_S = 0.25
LATELY_S = 4 * LOOKS_EVERY_S  # who has not told anything since is dead, held up or leaving
BUSIER_CORES = 0.25  # than the mean: then one connection is too many, however few searches overlap

Start = Callable[..., Any]


class Load(NamedTuple):
    """What a process that can search has to do.

    Attributes:
        searches: how many are being answered at a time.
        cores: how much of the processor it uses; searches that wait for the interpreter's lock,
            or for their turn, are seen here only.
    """

    searches: float
    cores: float


class Board:
    """Memory that the processes of one server share: each tells the others its load."""

    def __init__(self, processes: int) -> None:
        self._width = len(Load._fields) + 1  # and when it was told, on the clock of all processes
        self._cells: Any = multiprocessing.RawArray("d", self._width * processes)

    def tell(self, number: int, load: Load) -> None:
        """Put down the load of one process."""
        begin = self._width * number
        self._cells[begin : begin + self._width] = [*load, time.monotonic()]

    def lately(self) -> dict[int, Load]:
        """The loads of those that can search, and told so a moment ago."""
        since, cells = max(0.0, time.monotonic() - LATELY_S), list(self._cells)
        rows = [cells[begin : begin + self._width] for begin in range(0, len(cells), self._width)]
        return {number: Load(*load) for number, (*load, at) in enumerate(rows) if at > since}


class Spreading:
    """A WSGI application around another, which hands on work that others could do.

    Args:
        application: what answers. It tells whether it ``is_ready()`` to search, and whether a
            request ``is_search(environ)``. Nothing else counts: requests that wait for news or for
            the database keep nobody from anything.
        board: see there.
        number: of this process.
    """

    def __init__(self, application: Any, board: Board, number: int) -> None:
        self.application = application
        self._board, self._number = board, number
        self._lock = threading.Lock()
        self._to_end, self._searched_s = 0, 0.0
        self._looked, self._used_s = time.monotonic(), time.process_time()

    def start(self) -> threading.Thread:
        """Look at the load from now on, in a thread of its own, until this process leaves."""
        thread = threading.Thread(target=self._go_on, name="spreading", daemon=True)
        thread.start()
        return thread

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """Answer one request."""
        if self._ends_one() or leaving.is_set() or not self.application.is_ready():
            start_response = _closing(start_response)
        began = time.monotonic()
        try:
            content: Iterable[bytes] = self.application(environ, start_response)
            return content
        finally:
            if self.application.is_search(environ):
                with self._lock:
                    self._searched_s += time.monotonic() - began

    def _ends_one(self) -> bool:
        """Whether this connection is one of those that are too many."""
        if not self._to_end:  # mostly: without the lock
            return False
        with self._lock:
            self._to_end, ends = max(0, self._to_end - 1), self._to_end > 0
            return ends

    def _go_on(self) -> None:
        while not leaving.wait(LOOKS_EVERY_S):
            self.look()

    def look(self) -> None:
        """Tell the others what there is to do here, and see how many connections are too many.

        That is how many searches are answered at a time, above the mean of those that can search.
        Who uses more of a core has one too many.
        """
        now, used_s = time.monotonic(), time.process_time()
        passed = max(now - self._looked, LOOKS_EVERY_S)
        with self._lock:
            load = Load(self._searched_s / passed, (used_s - self._used_s) / passed)
            self._searched_s, self._looked, self._used_s = 0.0, now, used_s
            if self.application.is_ready():
                self._board.tell(self._number, load)
                all_ = self._board.lately() | {self._number: load}
                self._to_end = _too_many(load, all_.values())


def _too_many(load: Load, all_: Iterable[Load]) -> int:
    """How many connections of a process with this load others could serve, who are told as well."""
    searches, cores = (mean(column) for column in zip(*all_, strict=True))
    return max(0, int(load.searches - searches), load.cores - cores > BUSIER_CORES)


def _closing(start_response: Start) -> Start:
    """Say that the connection ends with this answer: the next request goes to another process."""

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        return start_response(status, [*headers, ("Connection", "close")], *more)

    return start
