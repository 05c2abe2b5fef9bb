"""A page of changes: what a phone must put in and take out to be where the database is."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.changes.cursor import NOTHING_TOLD, Cursor, CursorExpiredError, history_now
from services.changes.moves import before_a_waiting_move
from services.changes.reading import Area, Row, unread
from services.changes.touched import touched_by
from services.listing import ListedService, listed_services

MOST_ROWS = 1_000
MOST_SERVICES = 1_000  # told on one page, put in or taken out


@dataclass(frozen=True, slots=True)
class Page:
    """What changed.

    Attributes:
        services: as they are listed now, in order of site and id: put in, or in the place of what
            was there.
        gone: not listed, or not in this region, any more.
        cursor: goes on from here.
        more: more can be had at once.
    """

    services: list[ListedService]
    gone: list[uuid.UUID]
    cursor: Cursor
    more: bool

    @property
    def is_empty(self) -> bool:
        """Whether it tells nothing."""
        return not (self.services or self.gone or self.more)


def page_after(cursor: Cursor, areas: Sequence[Area], *, limit: int, now: dt.datetime) -> Page:
    """The changes after a cursor, so many rows of the log at most.

    The services are read after the rows, so what is told is at least as new as each of them. To
    be called outside of transactions: it must see what others commit meanwhile.

    Raises:
        CursorExpiredError: a change could be missed from there on.
    """
    cursor.check(history_now(), now)
    found = unread(areas, after=(cursor.xid, cursor.change), limit=limit + 1)
    if cursor.xid >= found.ceiling:  # it was read in a history that is lost
        raise CursorExpiredError(cursor.region)
    rows, hold = before_a_waiting_move(found.rows[:limit], found.floor, cursor.hold, now)
    ids, reached = _services_of(rows, areas, replace(cursor, hold=hold))
    is_whole = not rows or (reached.xid, reached.change) == (rows[-1].xid, rows[-1].id)
    more = not is_whole or (len(found.rows) > limit and hold is None)
    services, gone = _now(ids, areas)
    # While more waits, what waits is as old as the first page's cursor, and is forgotten like that.
    ends = hold is None and not more
    return Page(services, gone, replace(reached, read_at=now) if ends else reached, more)


def _services_of(
    rows: Sequence[Row], areas: Sequence[Area], cursor: Cursor
) -> tuple[set[uuid.UUID], Cursor]:
    """The services that rows touch, and how far that leads: the last row may be told in part."""
    ids: set[uuid.UUID] = set()
    touched = touched_by(rows, areas, most=MOST_SERVICES, after=cursor.told)
    for row, services in zip(rows, touched, strict=True):
        for service in services:
            if len(ids) == MOST_SERVICES and service not in ids:
                return ids, cursor
            ids.add(service)
            cursor = replace(cursor, told=service)
        cursor = replace(cursor, xid=row.xid, change=row.id, told=NOTHING_TOLD)
    return ids, cursor


def _now(ids: set[uuid.UUID], areas: Sequence[Area]) -> tuple[list[ListedService], list[uuid.UUID]]:
    """Of these services: those listed here now, and the others."""
    here = [service for service in listed_services(ids) if area_of(service) in areas]
    return here, sorted(ids - {service.id for service in here})


def area_of(service: ListedService) -> Area:
    """The country and region of its site."""
    site = service.properties["site"]
    return site["country"], site["region"]
