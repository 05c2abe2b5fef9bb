"""The index of this process, loaded once and then kept in step with the change log."""

import datetime as dt
import itertools
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog
from django.db import connection
from django.utils import timezone

from services.index import snapshot as snapshots
from services.index.lineage import lineage
from services.index.search_index import SearchIndex
from services.listing import listed_services
from services.models import Change, Service

AT_A_TIME = 500  # services read from the database and put in together
SNAPSHOT_EVERY = dt.timedelta(minutes=10)  # at least, while there are changes

log = structlog.get_logger(__name__)

# One statement, so that the rows and the floor belong to one snapshot. Every row visible in it with
# a transaction id at or above the floor of the last reading is either new or remembered; a row that
# commits late has an id at or above that floor, so none is ever skipped, and none waits for another
# transaction to end.
NEW_CHANGES = """
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
           change.id, change.xid::text::bigint, change.entity, change.entity_id
    FROM (SELECT 1) AS always
    LEFT JOIN services_change AS change ON change.xid >= %s::text::xid8
    ORDER BY change.xid, change.id
"""


class IndexNotReadyError(RuntimeError):
    """This process has not loaded the services yet. Trying again in a few seconds helps."""


@dataclass(slots=True)
class Followed:
    """An index, and how far it has followed the change log.

    Attributes:
        floor: every change of a transaction below it has been applied.
        applied: change id → transaction id, of those applied from the floor on.
        lineage: of the database it was read from.
    """

    index: SearchIndex
    floor: int
    lineage: str
    applied: dict[int, int] = field(default_factory=dict)

    def catch_up(self) -> int:
        """Apply what was committed since the last call; returns how many changes that were."""
        floor, changes = _unread(self.floor, self.applied)
        if changes:
            self._apply(_changed_services([(entity, id_) for _, _, entity, id_ in changes]))
        self.applied |= {change: xid for change, xid, _, _ in changes}
        self.applied = {change: xid for change, xid in self.applied.items() if xid >= floor}
        self.floor = floor
        return len(changes)

    def _apply(self, ids: set[uuid.UUID]) -> None:
        waiting = iter(ids)
        while some := set(itertools.islice(waiting, AT_A_TIME)):
            found = list(listed_services(some))
            self.index.put(found)
            self.index.remove(some - {service.id for service in found})


class LiveIndex:
    """Keeps one SearchIndex equal to the database. One thread writes, any number search."""

    def __init__(self) -> None:
        self._followed: Followed | None = None
        self._must_load = False
        self._kept_at: dt.datetime | None = None  # when the latest snapshot was written
        self._kept_changes = -1  # how often the index had changed then
        self._writing = threading.Lock()
        self.caught_up_at: dt.datetime | None = None

    @property
    def index(self) -> SearchIndex:
        """The index to search.

        Raises:
            IndexNotReadyError: nothing has been loaded yet.
        """
        followed = self._followed
        if followed is None:
            raise IndexNotReadyError
        return followed.index

    @property
    def is_ready(self) -> bool:
        """Whether searches can be answered."""
        return self._followed is not None

    def load(self) -> None:
        """Read all listed services. Changes made meanwhile are read by the next ``catch_up``."""
        with self._writing:
            self._load()

    def restore(self) -> None:
        """Search what the latest snapshot holds, if there is one, until it is caught up with."""
        with self._writing:
            now = timezone.now()
            if snapshot := snapshots.latest(now=now):
                self._followed = _followed(snapshot, now)
                self._kept_at, self._kept_changes = snapshot.written_at, 0

    def catch_up(self) -> int:
        """Apply what was committed since the last call; returns how many changes that were."""
        with self._writing:
            followed = self._followed
            if followed is None or self._must_load or followed.lineage != lineage():
                followed = self._load()
            changes = followed.catch_up()
            followed.index.move_to(timezone.now())
            self.caught_up_at = timezone.now()
            return changes

    def keep(self) -> None:
        """Pack the index when enough has changed, and leave a snapshot for the next start.

        One process of a machine does so; the others take its snapshot over, so that they share it.
        """
        with self._writing:
            if self._followed is None or not self._keeps_now(self._followed.index):
                return
            try:
                with snapshots.only_one() as is_ours:
                    if is_ours:
                        self._keep(self._followed)
            except OSError as error:
                log.warning("index: no snapshot can be written", error=type(error).__name__)
                self._followed.index.pack(timezone.now())
                self._remember(timezone.now())

    def resync(self) -> None:
        """Read everything afresh at the next ``catch_up``; searches go on with what there is."""
        self._must_load = True

    def forget(self) -> None:
        """Drop everything, as if the process had just started."""
        self.__init__()  # type: ignore[misc]

    def _load(self) -> Followed:
        known, floor, now = lineage(), _read_floor(), timezone.now()
        index = SearchIndex(now)
        index.put(listed_services())
        index.pack(now)
        index.warm_up()
        self._followed, self._must_load = Followed(index, floor, known), False
        self._kept_at, self._kept_changes = None, -1
        self.caught_up_at = timezone.now()
        return self._followed

    def _keeps_now(self, index: SearchIndex) -> bool:
        if index.needs_packing or self._kept_at is None:
            return True
        is_due = timezone.now() - self._kept_at >= SNAPSHOT_EVERY
        return is_due and index.changes != self._kept_changes

    def _keep(self, followed: Followed) -> None:
        now = timezone.now()
        newer = snapshots.latest(now=now, after=self._kept_at)
        if newer is None or newer.lineage != followed.lineage or newer.floor < followed.floor:
            packed = followed.index.packed(now)
            snapshots.write(packed, floor=followed.floor, lineage=followed.lineage, now=now)
            newer = snapshots.latest(now=now)
        if newer is None:
            raise OSError
        shared = _followed(newer, now)
        shared.catch_up()
        self._followed = shared
        self._remember(newer.written_at)

    def _remember(self, written_at: dt.datetime) -> None:
        self._kept_at, self._kept_changes = written_at, self.index.changes


def _followed(snapshot: snapshots.Snapshot, now: dt.datetime) -> Followed:
    index = SearchIndex(now, snapshot.shelving)
    index.warm_up()
    return Followed(index, snapshot.floor, snapshot.lineage)


def _read_floor() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def _unread(
    floor: int, applied: dict[int, int]
) -> tuple[int, list[tuple[int, int, str, uuid.UUID]]]:
    """The next floor, and the changes not applied yet: id, transaction, entity, entity's id."""
    with connection.cursor() as cursor:
        cursor.execute(NEW_CHANGES, [str(floor)])
        rows = cursor.fetchall()
    fresh = [row[1:] for row in rows if row[1] is not None and row[1] not in applied]
    return rows[0][0], fresh


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
