"""The thread that keeps an index in step: woken by NOTIFY, and by the clock if that fails."""

import threading

import psycopg
import structlog
from django.db import DatabaseError, connection

from services.gazetteer import gazetteer
from services.index.live import live_index
from services.models.change import CHANNEL

POLL_SECONDS = 0.5  # how late a change can be seen if no NOTIFY comes
RETRY_SECONDS = 1.0

log = structlog.get_logger(__name__)


def start_following(stop: threading.Event | None = None) -> threading.Thread:
    """Load the index in this process and keep it in step, until ``stop`` is set.

    Call it after the server forked. Loading goes on in the thread, and is tried again while the
    database cannot be reached.
    """
    stop = stop or threading.Event()
    thread = threading.Thread(
        target=_follow_until, args=(stop,), name="index-follower", daemon=True
    )
    thread.start()
    return thread


def _follow_until(stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            _follow(stop)
        except (DatabaseError, psycopg.Error, OSError) as error:
            log.warning("index: the database is away, trying again", error=type(error).__name__)
            stop.wait(RETRY_SECONDS)
        except Exception:
            log.exception("index: following failed, starting anew")
            live_index.resync()
            stop.wait(RETRY_SECONDS)
        finally:
            connection.close()


def _follow(stop: threading.Event) -> None:
    """Listen, then read; read again at every wake-up. Listening first, so that none is lost."""
    if not live_index.is_ready:
        live_index.restore()  # also while the database is away
    gazetteer.ensure()
    with _listener() as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        while not stop.is_set():
            live_index.catch_up()
            live_index.keep()
            connection.close()  # back to the pool while there is nothing to do
            for _ in listener.notifies(timeout=POLL_SECONDS, stop_after=1):
                pass


def _listener() -> psycopg.Connection[tuple[object, ...]]:
    """A connection of its own: one from the pool could be handed on with its LISTEN."""
    options = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name not in ("cursor_factory", "context", "prepare_threshold", "pool")
    }
    return psycopg.connect(**options, autocommit=True)
