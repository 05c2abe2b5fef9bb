"""The thread that keeps an index in step: woken by NOTIFY, and by the clock if that fails.

It reads from the replica if there is one. A standby cannot LISTEN: there only the clock wakes it.
"""

import threading

import psycopg
import structlog
from django.db import DatabaseError

from services import places_file
from services.gazetteer import gazetteer
from services.index import snapshot as snapshots
from services.index.clock import keep_time
from services.index.garbage import collect_from_now_on, spare_collections
from services.index.live import live_index
from services.index.switching import letting_searches_in
from services.models.change import CHANNEL
from services.place_rows import read_places
from services.postgis.patience import waiting_for
from services.replica import followed, reading_the_replica

POLL_SECONDS = 0.5  # how late a change can be seen if no NOTIFY comes
RETRY_SECONDS = 1.0

log = structlog.get_logger(__name__)


def start_following(stop: threading.Event | None = None) -> threading.Thread:
    """Load the index in this process and keep it in step, until ``stop`` is set.

    Call it after the server forked. Loading goes on in the thread, and is tried again while the
    database cannot be reached.
    """
    stop = stop or threading.Event()
    live_index.is_followed = gazetteer.is_followed = True
    thread = threading.Thread(
        target=_follow_until, args=(stop,), name="index-follower", daemon=True
    )
    thread.start()
    keep_time(stop)
    return thread


def _follow_until(stop: threading.Event) -> None:
    with reading_the_replica(), waiting_for(None):  # reading all takes a while, and nobody waits
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
                followed().close()


def _follow(stop: threading.Event) -> None:
    """Listen, then read; read again at every wake-up. Listening first, so that none is lost.

    Returns when a standby has become a primary, which can be listened to.
    """
    _restore()
    with _connection_of_our_own() as waker:
        live_index.step_back()
        listens = not _is_standby(waker)
        if listens:
            waker.execute(f"LISTEN {CHANNEL}")
        with letting_searches_in():
            _begin()
        while not stop.is_set() and (listens or _is_standby(waker)):
            with letting_searches_in():
                live_index.catch_up()
                live_index.rehearse()
                live_index.keep()
                if gazetteer.is_empty:  # none were loaded yet; they may be by now
                    _read_places()
            followed().close()  # back to the pool while there is nothing to do
            if listens:
                list(waker.notifies(timeout=POLL_SECONDS, stop_after=1))
            else:
                stop.wait(POLL_SECONDS)


def _restore() -> None:
    """Begin with what the last processes left: searches are answered while the database is away."""
    try:
        if gazetteer.is_empty:
            places_file.restore(gazetteer)
        if not live_index.is_ready:
            live_index.restore()
    finally:
        collect_from_now_on()


def _begin() -> None:
    """Read the places, and what was committed since the index was left."""
    if gazetteer.is_empty:
        _read_places()
        live_index.catch_up()
    else:  # as the last process knew them: they can wait, and reading them takes a second
        live_index.catch_up()
        _read_places()
    spare_collections()


def _read_places() -> None:
    """Once in each connection: they are few, and change with a command alone."""
    zips, towns = read_places()
    gazetteer.hold(zips, towns)
    try:
        with snapshots.only_one() as is_ours:
            if is_ours and not gazetteer.is_empty:
                places_file.keep(zips, towns)
    except OSError as error:
        log.warning("places: the file cannot be written", error=type(error).__name__)


def _connection_of_our_own() -> psycopg.Connection[tuple[object, ...]]:
    """A connection not from the pool: one of those could be handed on with its LISTEN.

    While it lives the server it leads to has not crashed.
    """
    options = {
        name: value
        for name, value in followed().get_connection_params().items()
        if name not in ("cursor_factory", "context", "prepare_threshold", "pool")
    }
    return psycopg.connect(**options, autocommit=True)


def _is_standby(waker: psycopg.Connection[tuple[object, ...]]) -> bool:
    row = waker.execute("SELECT pg_is_in_recovery()").fetchone()
    return bool(row and row[0])
