"""An index that follows the change log of a database: what was committed since, and from where."""

import itertools
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from services.index.lineage import ALL_ON_DISK, continues, lineage
from services.index.search_index import SearchIndex
from services.listing import listed_services
from services.models import Change, Service
from services.replica import followed

AT_A_TIME = 250  # services read from the database and put in together

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

    def catch_up(self) -> int:
        """Apply what was committed since the last call; returns how many changes that were.

        What is committed meanwhile comes first: a report does not wait behind an import. Should it
        fail, nothing counts as applied that was not so before the call.
        """
        before = self.applied
        try:
            return self._catch_up()
        except BaseException:
            self.applied = before
            raise

    def _catch_up(self) -> int:
        floor, on_disk, count = self.floor or 0, False, 0
        waiting = set[uuid.UUID]()
        while True:
            before = floor
            floor, on_disk, changes = self._unread(before)
            if floor < before:  # the same cluster, its files put back by hand
                self.floor = None
                return count
            self.applied = self.applied | {change: xid for change, xid, _, _ in changes}
            count += len(changes)
            fresh = _changed_services((entity, id_) for _, _, entity, id_ in changes)
            some = set(itertools.islice(itertools.chain(fresh, waiting), AT_A_TIME))
            self._apply(some)
            waiting = (waiting | fresh) - some
            if not waiting:
                break
        self.applied = {change: xid for change, xid in self.applied.items() if xid >= floor}
        self.floor = floor
        self.safe_floor = floor if on_disk else self.safe_floor
        return count

    def _unread(self, floor: int) -> tuple[int, bool, list[tuple[int, int, str, uuid.UUID]]]:
        """The next floor, whether it is safe, and changes not applied yet.

        Each change is its id, its transaction, its entity and that entity's id.
        """
        with followed().cursor() as cursor:
            cursor.execute(NEW_CHANGES, [str(floor)])
            rows = cursor.fetchall()
        fresh = [row[2:] for row in rows if row[2] is not None and row[2] not in self.applied]
        return rows[0][0], rows[0][1], fresh

    def _apply(self, ids: set[uuid.UUID]) -> None:
        if ids:
            found = list(listed_services(ids))
            self.index.put(found)
            self.index.remove(ids - {service.id for service in found})


def read_floor() -> tuple[int, bool]:
    """The floor of now, and whether a crash could not undo it."""
    with followed().cursor() as cursor:
        cursor.execute(NOW)
        floor, on_disk = cursor.fetchone()
        return floor, on_disk


def _changed_services(changes: Iterable[tuple[str, uuid.UUID]]) -> set[uuid.UUID]:
    """The services that a change of themselves, their site or their organization touches."""
    of: dict[str, set[uuid.UUID]] = {entity: set() for entity in Change.Entity.values}
    for entity, id_ in changes:
        of[entity].add(id_)
    services = of[Change.Entity.SERVICE]
    for path, entity in (
        ("site__in", Change.Entity.SITE),
        ("site__organization__in", Change.Entity.ORGANIZATION),
    ):
        if of[entity]:
            services |= set(
                Service.objects.filter(**{path: of[entity]}).values_list("pk", flat=True)
            )
    return services
