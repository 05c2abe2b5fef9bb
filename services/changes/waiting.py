"""Long polling: one phone at a time may wait here for changes, and holds nothing while it waits."""

import threading
from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from services.changes.cursor import Cursor
from services.changes.paging import Page, page_after
from services.changes.reading import Area
from services.leaving import leaving

LONGEST_S = 25  # shorter than what proxies, and phones, wait for an answer
PAUSE_S = 1

# A web process has few threads. Whoever comes while another waits is answered at once.
_the_one_who_waits = threading.Lock()


def changes_after(cursor: Cursor, areas: Sequence[Area], *, limit: int, wait_s: int) -> Page:
    """The next page of changes; if it is empty, what comes within so many seconds.

    Raises:
        CursorExpiredError: a change could be missed from there on.
    """
    page = page_after(cursor, areas, limit=limit, now=timezone.now())
    if not page.is_empty or wait_s == 0 or not _the_one_who_waits.acquire(blocking=False):
        return page
    try:
        for _ in range(wait_s // PAUSE_S):
            if _rest():
                break
            page = page_after(page.cursor, areas, limit=limit, now=timezone.now())
            if not page.is_empty:
                break
        return page
    finally:
        _the_one_who_waits.release()


def _rest() -> bool:
    """Give the connection back to the pool, and sleep; True, at once, if this process ends."""
    connection.close()
    return leaving.wait(PAUSE_S)
