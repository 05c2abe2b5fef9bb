"""An index that follows the change log of a database: what was committed since, and from where."""

import itertools
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from services.index.garbage import collecting_no_garbage
from services.index.lineage import ALL_ON_DISK, continues, lineage
from services.index.search_index import SearchIndex
from services.index.turns import Turns
from services.listing import listed_services
from services.many_ids import one_of
from services.models import Change, Service
from services.replica import followed

AT_A_TIME = 1_000  # services read together: for 250, PostgreSQL looks through tables as often
FEW = 50  # changes; a transaction with more is an import or the like
PORTION = 500  # rows made at once: all of an import would hold searches up for a tenth of a second

# One statement, so that the rows and the floor belong to one snapshot. Every row visible in it with
# a transaction id at or above the floor of the last reading is either new or remembered; a row that
# commits late has an id at or above that floor, so none is ever skipped, and none waits for another
# transaction to end.
#
# On a standby this holds too. There pg_current_snapshot() lists no running transaction, but its
# xmin is right: a standby knows the ids that appeared in the log and have not ended, and takes the
# ids between them for running as well. xid is that of the outermost transaction, which it keeps
# even where it forgets inner ones. Both ids and rows come with the log, so they are the primary's.
NOW = f"""
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS floor, {ALL_ON_DISK} AS on_disk
"""
NEW_CHANGES = f"""
    SELECT present.floor, present.on_disk,
           change.id, change.xid::text::bigint, change.entity, change.entity_id
    FROM ({NOW}) AS present
    LEFT JOIN services_change AS change ON change.xid >= %s::text::xid8
    ORDER BY change.xid, change.id
"""  # noqa: S608 - made of constants


NEWER_CHANGES = """
    SELECT id, xid::text::bigint, entity, entity_id
    FROM services_change WHERE id > %s ORDER BY id LIMIT %s
"""


class Changed(NamedTuple):
    """A row of the change log: its number, its transaction, and what it is about."""

    id: int
    xid: int
    entity: str
    entity_id: uuid.UUID


@dataclass(slots=True)
class Following:
    """An index, and how far it has followed.

    Attributes:
        floor: every change of a transaction below it has been applied; None where that is not sure
            any more, and everything must be read afresh.
        safe_floor: the last floor that a crash of the server could not undo.
        lineage: of the database it was read from.
        applied: change id → transaction id, of those applied from the floor on.
    """

    index: SearchIndex
    floor: int | None
    safe_floor: int | None
    lineage: str
    applied: dict[int, int] = field(default_factory=dict)

    @property
    def goes_on(self) -> bool:
        """Whether the database that is read now continues what was followed."""
        return self.floor is not None and continues(self.lineage, lineage())

    @collecting_no_garbage()
    def catch_up(self) -> int:
        """Apply what was committed since the last call; returns how many changes that were.

        Reports do not wait behind an import: small transactions come first, and before each part
        of a large one what has just been committed.
        """
        before = self.floor or 0
        floor, on_disk, changes = self._unread(before)
        if floor < before:  # the same cluster, its files put back by hand
            self.floor = None
            return 0
        newest, turns = max((change.id for change in changes), default=0), Turns()
        for part in _parts_of(changes):
            if len(part) < AT_A_TIME:
                self._apply(part)
                continue
            with turns.one():
                newest = self._apply_newer(newest)
                self._apply(part)
        self.applied |= {change.id: change.xid for change in changes}
        self.applied = {change: xid for change, xid in self.applied.items() if xid >= floor}
        self.floor = floor
        self.safe_floor = floor if on_disk else self.safe_floor
        return len(changes)

    def _unread(self, floor: int) -> tuple[int, bool, list[Changed]]:
        """The next floor, whether it is safe, and changes not applied yet."""
        with followed().cursor() as cursor:
            cursor.execute(NEW_CHANGES, [str(floor)])
            rows = list(itertools.chain.from_iterable(iter(partial(cursor.fetchmany, PORTION), [])))
        fresh = [Changed(*row[2:]) for row in rows if row[2] is not None]
        return rows[0][0], rows[0][1], [one for one in fresh if one.id not in self.applied]

    def _apply_newer(self, newest: int) -> int:
        """Apply some changes with numbers above one; returns the highest seen so far.

        Whatever has a lower number and is committed later is found by the next reading.
        """
        with followed().cursor() as cursor:
            cursor.execute(NEWER_CHANGES, [newest, FEW])
            changes = [Changed(*row) for row in cursor.fetchall()]
        fresh = [one for one in changes if one.id not in self.applied]
        self._apply(_changed_services(fresh))
        self.applied |= {change.id: change.xid for change in fresh}
        return max((change.id for change in changes), default=newest)

    def _apply(self, ids: set[uuid.UUID]) -> None:
        if ids:
            found = list(listed_services(ids))
            self.index.put(found)
            self.index.remove(ids - {service.id for service in found})


def _parts_of(changes: list[Changed]) -> Iterator[set[uuid.UUID]]:
    """The services that changed, AT_A_TIME together; those of small transactions first."""
    sizes = Counter(change.xid for change in changes)
    few = _changed_services(change for change in changes if sizes[change.xid] <= FEW)
    many = _changed_services(change for change in changes if sizes[change.xid] > FEW)
    for waiting in (iter(few), iter(many - few)):
        while part := set(itertools.islice(waiting, AT_A_TIME)):
            yield part


def read_floor() -> tuple[int, bool]:
    """The floor of now, and whether a crash could not undo it."""
    with followed().cursor() as cursor:
        cursor.execute(NOW)
        floor, on_disk = cursor.fetchone()
        return floor, on_disk


def _changed_services(changes: Iterable[Changed]) -> set[uuid.UUID]:
    """The services that a change of themselves, their site or their organization touches."""
    of: dict[str, set[uuid.UUID]] = {entity: set() for entity in Change.Entity.values}
    for change in changes:
        of[change.entity].add(change.entity_id)
    services = of[Change.Entity.SERVICE]
    for path, entity in (
        ("site__in", Change.Entity.SITE),
        ("site__organization__in", Change.Entity.ORGANIZATION),
    ):
        if of[entity]:
            touched = Service.objects.filter(**{path: one_of(of[entity])})
            services |= set(touched.values_list("pk", flat=True))
    return services
