"""Django's PostGIS backend, with an eye on whether the server answers."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
from django.contrib.gis.db.backends.postgis import base as postgis

from services.postgis.patience import LIVES_S, limit, waiting_for


class Watch:
    """Whether a database answered last. While it did not, one thread at a time asks again.

    So an outage costs one thread of a process a second, and all others no time.
    """

    def __init__(self) -> None:
        self.is_away = False
        self._asks = threading.Lock()

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """Around the opening of a connection.

        Raises:
            psycopg.OperationalError: the database is away, and somebody else asks it already.
        """
        asks_alone = self.is_away
        if asks_alone and not self._asks.acquire(blocking=False):
            raise psycopg.OperationalError("the database did not answer just now")
        try:
            with waiting_for(LIVES_S):
                yield
        except psycopg.OperationalError:
            self.is_away = True
            raise
        else:
            self.is_away = False
        finally:
            if asks_alone:
                self._asks.release()


watches: dict[str, Watch] = {}  # by the name of the database in settings


class DatabaseWrapper(postgis.DatabaseWrapper):
    """A connection of one thread."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that lives; where threads wait with a limit, soon or not at all."""
        if limit() is None:
            return super().get_new_connection(conn_params)
        with watches.setdefault(self.alias, Watch()).asking():
            return super().get_new_connection(conn_params)
