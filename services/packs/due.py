"""Which packs are to be built: what changed since, what is old, what other code made."""

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from services.changes.moves import LONGEST, hold_now, is_over
from services.changes.reading import regions_read
from services.models import Change, Pack
from services.packs.making import made_by
from services.packs.regions import PackRegion

A_DAY = dt.timedelta(days=1)
NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
PATIENCE_S = 20.0
PAUSE_S = 0.2

# What concerns any region is an organization's change, which counts where it has sites, and what
# nobody knows the region of.
CHANGED = """
    SELECT EXISTS (
        SELECT FROM unnest(%(regions)s::text[]) AS wanted(region) CROSS JOIN LATERAL (
            SELECT FROM services_change AS change
            WHERE change.region = wanted.region
            AND (change.xid, change.id) > (%(xid)s::text::xid8, %(change)s)
            AND change.xid < pg_snapshot_xmin(pg_current_snapshot())
            AND (change.region <> '' OR change.entity <> 'organization' OR EXISTS (
                SELECT FROM services_site AS site WHERE site.organization_id = change.entity_id
                AND site.country || '-' || site.region = ANY(%(regions)s)))
            LIMIT 1
        ) AS one
    )
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A region whose packs are to be built.

    Attributes:
        settled: changes, by id, that moved something and that no running transaction can have
            missed: a pack may hold what they did.
    """

    region: PackRegion
    settled: frozenset[int]

    def is_settled(self) -> bool:
        """Whether the snapshot of now holds no move into or out of the region but those."""
        return recent_moves(regions_read(self.region.areas)) <= self.settled


def due_regions(regions: Sequence[PackRegion], now: dt.datetime) -> list[Due]:
    """The regions whose packs are to be built, those that have none first, then the oldest."""
    packs: dict[str, list[Pack]] = {}
    for pack in Pack.objects.defer("body"):
        packs.setdefault(pack.region, []).append(pack)
    maker = made_by()
    wanted = [one for one in regions if _is_due(one, packs.get(one.id, []), now, maker)]
    wanted.sort(key=lambda one: max((p.built_at for p in packs.get(one.id, [])), default=NEVER))
    settled = settled_moves() if wanted else frozenset()
    return [Due(region, settled) for region in wanted]


def _is_due(region: PackRegion, packs: Sequence[Pack], now: dt.datetime, maker: str) -> bool:
    if {pack.language for pack in packs} != {code for code, _name in settings.LANGUAGES}:
        return True
    if any(pack.built_at >= now for pack in packs):  # in this round
        return False
    if any(pack.made_by != maker or now - pack.built_at > A_DAY for pack in packs):
        return True
    return changed_since(region, packs[0])


def changed_since(region: PackRegion, pack: Pack) -> bool:
    """Whether the change log tells of the region after what is in the pack."""
    where: dict[str, Any] = {
        "regions": regions_read(region.areas),
        "xid": str(pack.xid),
        "change": pack.change,
    }
    with connection.cursor() as cursor:
        cursor.execute(CHANGED, where)
        return bool(cursor.fetchone()[0])


def settled_moves() -> frozenset[int]:
    """The moves of the last day that every running transaction has seen: waits a while for that.

    See ``services.changes.moves``. A transaction that outlasts the wait leaves none settled, and
    regions with moves are built the next time.
    """
    moves = recent_moves()
    if not moves:
        return frozenset()
    hold = hold_now(0)
    for _ in range(int(PATIENCE_S / PAUSE_S)):
        if is_over(hold):
            return frozenset(moves)
        time.sleep(PAUSE_S)
    return frozenset()


def recent_moves(regions: Sequence[str] | None = None) -> set[int]:
    """The changes of the last day that moved something from one region into another, by id.

    The last day is the database's: a snapshot has no other clock.
    """
    moves = Change.objects.filter(moved=True, changed_at__gt=Now() - LONGEST)
    if regions is not None:
        moves = moves.filter(region__in=regions)
    return set(moves.values_list("pk", flat=True))
