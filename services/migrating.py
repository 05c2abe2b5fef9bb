"""Migrations that wait for a lock for a moment only, and come back later.

A migration that waits for a table's lock holds up all who come after it, readers too: one long
transaction would stop every report. So it gives up soon, undone as a whole, and is tried again.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg.errors import DeadlockDetected, LockNotAvailable

LOCK_S = 2.0  # how long a migration, and all behind it, may wait for a lock
TRIES = 10
PAUSE_S = 5.0  # others get their turn meanwhile


class LocksHeldError(Exception):
    """Somebody held a lock through every try. What was being migrated is as it was before."""


def with_tries(
    act: Callable[[], object],
    connection: BaseDatabaseWrapper,
    say: Callable[[str], None],
    *,
    lock_s: float = LOCK_S,
    tries: int = TRIES,
    pause_s: float = PAUSE_S,
) -> None:
    """Migrate; again if a lock was not to be had.

    Args:
        act: migrates, and can be called again after it failed.
        connection: to what is migrated.
        say: tells whoever waits what goes on.
        lock_s: seconds that each statement may wait for a lock.
        tries: at most.
        pause_s: seconds between them.

    Raises:
        LocksHeldError: after the last try.
    """
    for left in reversed(range(tries)):
        try:
            with _waiting_for_locks(connection, lock_s):
                act()
                return
        except OperationalError as error:
            # PostgreSQL looks for deadlocks after a second, so before a wait is over.
            if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
                raise
            if not left:
                raise LocksHeldError from error
        say(
            f"A lock that is needed was not to be had within {lock_s:g} s, so this migration was "
            f"undone. Trying again in {pause_s:g} s; {left} more at most."
        )
        time.sleep(pause_s)


@contextmanager
def _waiting_for_locks(connection: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    """Bound the wait for locks in this connection, and in those that are opened in its place."""

    def bound(connection: BaseDatabaseWrapper, **_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, false)", [f"{seconds * 1000:.0f}"]
            )

    connection_created.connect(bound)
    try:
        bound(connection)
        yield
    finally:
        connection_created.disconnect(bound)
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")
