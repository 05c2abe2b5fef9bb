"""How long a thread waits for a database that says nothing any more.

A server that was killed refuses at once; one that is stopped, or whose disk hangs, does not answer
at all, and over a local socket no timeout of the system ends that. A web process has few threads,
so there each waits a few seconds only. Commands and workers may wait: nobody waits for them.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from psycopg.errors import _WaitTimeout

STATEMENT_S = 3.0  # of a web process, for one statement
LIVES_S = 1.0  # for the answer whether a connection still lives

R = TypeVar("R")


class ServerSilentError(psycopg.OperationalError):
    """The server did not answer in time. What was asked may have been done, or may yet be."""


@dataclass(slots=True)
class Patience:
    """Of all threads of this process that have none of their own; seconds, None for no limit."""

    seconds: float | None = None


usual = Patience()
_own: ContextVar[Patience | None] = ContextVar("own", default=None)


@contextlib.contextmanager
def waiting_for(seconds: float | None) -> Iterator[None]:
    """In this thread, wait so long for each answer until the block ends; None for no limit."""
    before = _own.set(Patience(seconds))
    try:
        yield
    finally:
        _own.reset(before)


def limit() -> float | None:
    """Seconds that this thread waits for an answer; None for no limit."""
    return (_own.get() or usual).seconds


class PatientConnection(psycopg.Connection[Any]):
    """A connection that is given up when the server does not answer in time."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for the server; as long as was asked for, or as long as this thread waits.

        Raises:
            ServerSilentError: it took too long. The connection is closed: an answer that comes
                later belongs to nobody.
        """
        seconds = limit()
        if timeout is not None or seconds is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, seconds)
        except _WaitTimeout:
            self.pgconn.finish()
            raise ServerSilentError(f"no answer within {seconds:.0f} s") from None
