"""The thread that lets an index move on with the time, however long the database is away.

The follower cannot: it waits for the database, and for one that hangs as long as that takes.
"""

import threading

import structlog

from services.index.garbage import collect_after_all
from services.index.live import live_index
from services.index.switching import letting_searches_in

EVERY_S = 1.0  # an outlook holds for three minutes, and is renewed each

log = structlog.get_logger(__name__)


def keep_time(stop: threading.Event) -> threading.Thread:
    """Let the index of this process move on until ``stop`` is set."""
    thread = threading.Thread(target=_go_on, args=(stop,), name="index-clock", daemon=True)
    thread.start()
    return thread


def _go_on(stop: threading.Event) -> None:
    while not stop.wait(EVERY_S):
        try:
            collect_after_all()
            with letting_searches_in():
                live_index.move_on()
        except Exception:  # searches go on with looser bounds; the next second may do better
            log.exception("index: it could not move on with the time")
