"""Moves from one region into another, and the writers that have not seen them.

A trigger writes a change's region as its transaction sees it. While a site moves from Pennsylvania
to New Jersey, another transaction may change one of its services: that still says Pennsylvania,
though it commits after the move. Readers of New Jersey would never see it. So a move is told only
once every transaction has ended that ran when it was first seen. Whatever they changed is then part
of what is told; whoever begins later sees the move.
"""

import datetime as dt
from collections.abc import Sequence

from django.db import connection

from services.changes.cursor import Hold
from services.changes.reading import Row

LONGEST = dt.timedelta(days=1)  # no transaction lasts so long; older moves need no waiting

# A transaction's id is taken at its first write, at the latest when a trigger looks at a site. One
# id taken now is above all of those, and ends at once. It is taken for recent moves only.
TAKE = "SELECT pg_current_xact_id()::text::bigint"
FLOOR = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


def hold_now(moves_below: int) -> Hold:
    """A hold for moves seen just now; not within a transaction, which would hold up itself."""
    return Hold(moves_below, _number(TAKE))


def is_over(hold: Hold) -> bool:
    """Whether all have ended that may not have seen the moves."""
    return _number(FLOOR) >= hold.until


def before_a_waiting_move(
    rows: Sequence[Row], floor: int, hold: Hold | None, now: dt.datetime
) -> tuple[Sequence[Row], Hold | None]:
    """The rows that may be told now, and what the first of the others waits for.

    Args:
        rows: in order.
        floor: of the snapshot that showed them.
        hold: what an earlier reading decided to wait for.
        now: aware.
    """
    over = False
    for place, row in enumerate(rows):
        if not row.moved or now - row.changed_at > LONGEST:
            continue
        if hold is None or row.xid >= hold.moves_below:
            hold, over = hold_now(floor), False
        over = over or is_over(hold)
        if not over:
            return rows[:place], hold
    return rows, None


def _number(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])
