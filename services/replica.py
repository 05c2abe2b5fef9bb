"""Which database the search index follows: a streaming replica where there is one.

The follower's thread reads within ``reading_the_replica``; there, and only there, the router sends
what is read to the replica. Everything else, and everything that is written, goes to the primary.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

REPLICA = "replica"  # its name in DATABASES; without one the primary is followed

_follows: ContextVar[bool] = ContextVar("follows", default=False)  # each thread has its own


@contextlib.contextmanager
def reading_the_replica() -> Iterator[None]:
    """Read from the replica, if there is one, in this thread until the block ends."""
    before = _follows.set(True)
    try:
        yield
    finally:
        _follows.reset(before)


def read_alias() -> str:
    """The name of the database to read from here."""
    there_is_one = REPLICA in settings.DATABASES
    return REPLICA if there_is_one and _follows.get() else DEFAULT_DB_ALIAS


def followed() -> BaseDatabaseWrapper:
    """This thread's connection to the database that is read here: for SQL of our own."""
    return connections[read_alias()]


class ReplicaRouter:
    """Sends the follower's reads to the replica, and no write ever."""

    def db_for_read(self, _model: Any, **_hints: Any) -> str:
        """Where to read: also what belongs to a row that came from the other database."""
        return read_alias()

    def db_for_write(self, _model: Any, **_hints: Any) -> str:
        """The primary, also for a row that was read from the replica."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, _one: Any, _other: Any, **_hints: Any) -> bool:
        """Both databases hold the same rows, so any two belong together."""
        return True

    def allow_migrate(self, db: str, *_args: Any, **_hints: Any) -> bool:
        """What the primary becomes, its replica becomes by itself."""
        return db == DEFAULT_DB_ALIAS
