"""The index of this process, loaded once and then kept in step with the change log."""

import datetime as dt
import threading
import uuid
from collections.abc import Iterable

from django.utils import timezone

from services.index.lineage import ALL_ON_DISK, continues, lineage
from services.index.search_index import SearchIndex
from services.listing import listed_services
from services.models import Change, Service
from services.replica import followed

MANY = 5_000  # changed services; more are loaded afresh in one go

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


class IndexNotReadyError(RuntimeError):
    """This process has not loaded the services yet. Trying again in a few seconds helps."""


class LiveIndex:
    """Keeps one SearchIndex equal to the database. One thread writes, any number search."""

    def __init__(self) -> None:
        self._index: SearchIndex | None = None
        self._floor: int | None = None  # None until loaded
        self._applied: dict[int, int] = {}  # change id → transaction id, from the floor on
        self._lineage = ""  # of the database that floor belongs to
        self._safe_floor: int | None = None  # the last one that a crash could not undo
        self._writing = threading.Lock()
        self.caught_up_at: dt.datetime | None = None

    @property
    def index(self) -> SearchIndex:
        """The index to search.

        Raises:
            IndexNotReadyError: nothing has been loaded yet.
        """
        if self._index is None:
            raise IndexNotReadyError
        return self._index

    @property
    def is_ready(self) -> bool:
        """Whether searches can be answered."""
        return self._index is not None

    def load(self) -> None:
        """Read all listed services. Changes made meanwhile are read by the next ``catch_up``."""
        with self._writing:
            self._load()

    def catch_up(self) -> int:
        """Apply what was committed since the last call; returns how many changes that were."""
        with self._writing:
            if self._floor is None or not continues(self._lineage, lineage()):
                self._load()
            floor, on_disk, changes = self._unread()
            if floor < (self._floor or 0):  # the same cluster, its files put back by hand
                self._load()
            if changes:
                self._apply(_changed_services([(entity, id_) for _, _, entity, id_ in changes]))
            self._applied |= {change: xid for change, xid, _, _ in changes}
            self._applied = {change: xid for change, xid in self._applied.items() if xid >= floor}
            self._floor = floor
            self._safe_floor = floor if on_disk else self._safe_floor
            self.index.move_to(timezone.now())
            self.caught_up_at = timezone.now()
            return len(changes)

    def resync(self) -> None:
        """Read everything afresh at the next ``catch_up``; searches go on with what there is."""
        self._floor = None

    def step_back(self) -> None:
        """Read once more what a crash may have undone; call it when a connection was lost.

        The server may have crashed, and then gives transaction ids anew that had not reached its
        disk. What is read twice does no harm.
        """
        with self._writing:
            self._floor = self._safe_floor

    def forget(self) -> None:
        """Drop everything, as if the process had just started."""
        self.__init__()  # type: ignore[misc]

    def _load(self) -> None:
        origin = lineage()
        floor, on_disk = self._read_floor()
        index = SearchIndex(timezone.now())
        index.put(listed_services())
        index.rebuild()
        index.warm_up()
        self._floor, self._applied, self._index = floor, {}, index
        self._lineage, self._safe_floor = origin, floor if on_disk else None
        self.caught_up_at = timezone.now()

    def _read_floor(self) -> tuple[int, bool]:
        with followed().cursor() as cursor:
            cursor.execute(NOW)
            floor, on_disk = cursor.fetchone()
            return floor, on_disk

    def _unread(self) -> tuple[int, bool, list[tuple[int, int, str, uuid.UUID]]]:
        """The next floor, whether it is safe, and changes not applied yet.

        Each change is its id, its transaction, its entity and that entity's id.
        """
        with followed().cursor() as cursor:
            cursor.execute(NEW_CHANGES, [str(self._floor)])
            rows = cursor.fetchall()
        fresh = [row[2:] for row in rows if row[2] is not None and row[2] not in self._applied]
        return rows[0][0], rows[0][1], fresh

    def _apply(self, ids: set[uuid.UUID]) -> None:
        if len(ids) > MANY:
            self._load()  # moves the floor back at most; what is read twice does no harm
            return
        found = list(listed_services(ids))
        self.index.put(found)
        self.index.remove(ids - {service.id for service in found})


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


live_index = LiveIndex()
