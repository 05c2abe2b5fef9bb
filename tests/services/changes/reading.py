"""A phone of the tests: it holds services of a region, and reads pages until the last."""

import datetime as dt
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from django.db import connection
from django.utils import timezone

from services.changes.cursor import Cursor, history_now
from services.changes.moves import hold_now, is_over
from services.changes.paging import Page, page_after
from services.changes.reading import Area, end_of_log

PENNSYLVANIA = [("US", "PA"), ("US", "")]
NEW_JERSEY = [("US", "NJ"), ("US", "")]


PATIENCE_S = 400  # longer than the server lets a session idle in a transaction
PAUSE_S = 0.02
WRITING = """
    SELECT datname, pid, state, now() - xact_start, backend_xid, query FROM pg_stat_activity
    WHERE backend_xid IS NOT NULL
"""


def settled() -> None:
    """Wait until what is committed may be read: tests elsewhere have transactions open."""
    hold = hold_now(0)
    until(lambda: is_over(hold))


def until(true: Callable[[], bool]) -> None:
    """Waits for what must become true; far longer than it takes, so no test hangs on a clock."""
    for _ in range(round(PATIENCE_S / PAUSE_S)):
        if true():
            return
        time.sleep(PAUSE_S)
    with connection.cursor() as cursor:
        cursor.execute(WRITING)
        raise AssertionError(f"it did not become true; who writes: {cursor.fetchall()}")


def a_cursor(region: str = "US-PA", *, at_end: bool = True, **fields: object) -> Cursor:
    """The cursor of a pack that was built now; or of one that holds nothing."""
    xid, change = end_of_log() if at_end else (0, 0)
    values = {"xid": xid, "change": change, "read_at": timezone.now()} | fields
    return Cursor(history=history_now(), region=region, **values)  # type: ignore[arg-type]


@dataclass
class Holder:
    """Holds the names of services of some areas, by id."""

    areas: list[Area]
    cursor: Cursor
    names: dict[uuid.UUID, str] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)

    def pull(self, *, limit: int = 500, now: dt.datetime | None = None) -> None:
        """Read and apply pages until there are no more."""
        while True:
            page = page_after(self.cursor, self.areas, limit=limit, now=now or timezone.now())
            self.apply(page)
            if not page.more:
                return

    def catch_up(self) -> None:
        """Pull; what waits until transactions of other tests have ended is waited for."""
        self.pull()
        while (hold := self.cursor.hold) is not None:
            until(partial(is_over, hold))
            self.pull()

    def apply(self, page: Page) -> None:
        """As a phone does."""
        self.names |= {service.id: service.properties["name"] for service in page.services}
        for service in page.gone:
            self.names.pop(service, None)
        self.cursor = page.cursor
        self.pages.append(page)


def a_holder(areas: list[Area] | None = None, *, at_end: bool = False) -> Holder:
    """One that has read nothing, or everything."""
    settled()
    areas = areas or PENNSYLVANIA
    return Holder(areas, a_cursor(f"US-{areas[0][1]}", at_end=at_end))
