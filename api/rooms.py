"""Room for requests that may wait for the database: some in it, some before it, no more.

A server's threads are few. If all of them could wait for a database that hangs, no search would be
answered; so whatever is not a search goes through here, and some threads are always left.
"""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

INSIDE = 4  # requests answered at a time; each may hold a connection to the database
BEFORE = 44  # that wait for their turn; with those inside a dozen fewer than the server's threads
LONGEST_S = 5.0  # until one that waits is told to come back


@dataclass(slots=True)
class Room:
    """So many at a time."""

    inside: int = INSIDE
    before: int = BEFORE
    longest_s: float = LONGEST_S
    _doors: threading.BoundedSemaphore = field(init=False)
    _seats: threading.BoundedSemaphore = field(init=False)

    def __post_init__(self) -> None:
        self._doors = threading.BoundedSemaphore(self.inside)
        self._seats = threading.BoundedSemaphore(self.inside + self.before)

    @contextlib.contextmanager
    def entered(self) -> Iterator[bool]:
        """Wait for a turn; False if there is no seat to wait on, or it takes too long."""
        if not self._seats.acquire(blocking=False):
            yield False
            return
        try:
            if not self._doors.acquire(timeout=self.longest_s):
                yield False
                return
            try:
                yield True
            finally:
                self._doors.release()
        finally:
            self._seats.release()
