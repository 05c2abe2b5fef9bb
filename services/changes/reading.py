"""Reading the change log in order, so that no row that commits late is ever skipped.

A row may be passed only when no earlier one can still appear: when every transaction with a lower
id has ended. That is below ``pg_snapshot_xmin`` of the snapshot that shows the rows, so both are
asked for in one statement.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

Area = tuple[str, str]  # country and region, "" for the whole country

# The rows of each region come in order from its own part of the index, so many at most; they are
# then put into one order.
UNREAD = """
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS floor,
        pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS ceiling, unread.*
    FROM (SELECT 1) AS always LEFT JOIN (
        SELECT one.* FROM unnest(%(regions)s::text[]) AS wanted(region) CROSS JOIN LATERAL (
            SELECT xid::text::bigint, id, entity, entity_id, moved, changed_at
            FROM services_change AS change
            WHERE change.region = wanted.region
            AND (change.xid, change.id) > (%(xid)s::text::xid8, %(change)s)
            AND change.xid < pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY change.xid, change.id LIMIT %(limit)s
        ) AS one ORDER BY one.xid, one.id LIMIT %(limit)s
    ) AS unread ON true ORDER BY unread.xid, unread.id
"""
LAST = """
    SELECT xid::text::bigint, id FROM services_change
    WHERE xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid DESC, id DESC LIMIT 1
"""


class Row(NamedTuple):
    """One row of the change log."""

    xid: int
    id: int
    entity: str
    entity_id: uuid.UUID
    moved: bool
    changed_at: dt.datetime


class Unread(NamedTuple):
    """Rows in order, and what the snapshot says of transactions.

    Attributes:
        floor: every transaction below it has ended.
        ceiling: no transaction at or above it had ended.
    """

    floor: int
    ceiling: int
    rows: list[Row]


def regions_read(areas: Sequence[Area]) -> list[str]:
    """What the change log calls these areas, and "" for what concerns any."""
    return [*(f"{country}-{region}" for country, region in areas), ""]


def unread(areas: Sequence[Area], *, after: tuple[int, int], limit: int) -> Unread:
    """The next rows about these areas after a transaction and change, so many at most."""
    wanted: dict[str, Any] = {
        "regions": regions_read(areas),
        "xid": str(after[0]),
        "change": after[1],
    }
    with connection.cursor() as cursor:
        cursor.execute(UNREAD, wanted | {"limit": limit})
        found = cursor.fetchall()
    floor, ceiling, *_ = found[0]
    return Unread(floor, ceiling, [Row(*row[2:]) for row in found if row[2] is not None])


def end_of_log() -> tuple[int, int]:
    """The last transaction and change that may be passed; zeros if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(LAST)
        xid, change = cursor.fetchone() or (0, 0)
        return xid, change
