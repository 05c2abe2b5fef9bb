"""The index of this process, loaded once and then kept in step with the change log."""

import datetime as dt
import threading

import structlog
from django.utils import timezone

from services.index import snapshot as snapshots
from services.index.asking import Query
from services.index.following import Following, read_floor
from services.index.garbage import collecting_no_garbage
from services.index.lineage import continues, lineage
from services.index.rehearsing import ENOUGH, rehearse
from services.index.search_index import SearchIndex
from services.index.shelving import filled
from services.listing import listed_services
from services.vocabulary import Kind

BEFORE_ALL = dt.datetime.min.replace(tzinfo=dt.UTC)
SNAPSHOT_EVERY = dt.timedelta(minutes=10)  # at least, while there are changes
STALE_AFTER = dt.timedelta(seconds=2)  # without a look at the database: four times as usual

log = structlog.get_logger(__name__)


class IndexNotReadyError(RuntimeError):
    """This process has not loaded the services yet. Trying again in a few seconds helps."""


class LiveIndex:
    """Keeps one SearchIndex equal to the database. One thread writes, any number search."""

    def __init__(self) -> None:
        self._following: Following | None = None
        self._kept_at = BEFORE_ALL  # when the snapshot was written that is known here
        self._kept_changes: int | None = None  # how often the index had changed then
        self._writing = threading.Lock()
        self.is_rehearsed = False  # whether changes find their code compiled
        self._is_checked = False  # whether the database was seen to be that of the index
        self.caught_up_at: dt.datetime | None = None
        self.is_followed = False  # by a thread of this process; else nobody expects it to be fresh

    @property
    def index(self) -> SearchIndex:
        """The index to search.

        Raises:
            IndexNotReadyError: nothing has been loaded yet.
        """
        following = self._following
        if following is None:
            raise IndexNotReadyError
        return following.index

    @property
    def is_ready(self) -> bool:
        """Whether searches can be answered."""
        return self._following is not None

    def stale_as_of(self, now: dt.datetime) -> dt.datetime | None:
        """When the index last equalled the database, if it was not seen to do so just now."""
        as_of = self.caught_up_at
        if as_of is None or not self.is_followed:
            return None
        is_fresh = self._is_checked and now - as_of < STALE_AFTER
        return None if is_fresh else as_of

    def load(self) -> None:
        """Read all listed services. Changes made meanwhile are read by the next ``catch_up``."""
        with self._writing:
            self._load()

    def restore(self) -> None:
        """Search what the latest snapshot holds, if there is one, until it is caught up with.

        Until then it is stale: it may be another database that answers by now.
        """
        with self._writing:
            now = timezone.now()
            if snapshot := snapshots.latest(now=now):
                self._following = _taken_over(snapshot, now)
                self._kept_at, self._kept_changes = snapshot.written_at, 0
                self.caught_up_at, self._is_checked = snapshot.written_at, False

    def catch_up(self) -> int:
        """Apply what was committed since the last call; returns how many changes that were."""
        with self._writing:
            following, asked_at = self._following, timezone.now()
            if following is None or not following.goes_on:
                following = self._load()
            changes = following.catch_up()
            if following.floor is None:
                following = self._load()
            self._is_fresh(asked_at)
            return changes

    def move_on(self) -> None:
        """Let the index move on with the time, without the database or ``catch_up``."""
        if following := self._following:
            following.index.move_to(timezone.now())

    def rehearse(self) -> None:
        """Do once, with some services and without effect, what changes to come will need."""
        if self.is_rehearsed:
            return
        now = timezone.now()
        anything = Query(0.0, 0.0, at=now, kinds=tuple(Kind), limit=ENOUGH)
        ids = [hit.id for hit in self.index.find(anything)]
        if services := list(listed_services(ids)) if ids else []:
            self.is_rehearsed = True  # what fails would fail again
            try:
                rehearse(services, now)
            except Exception:  # changes are followed without it, too
                log.exception("index: the rehearsal failed")

    def keep(self) -> None:
        """Pack the index when enough has changed, and leave a snapshot for the next start.

        One process of a machine does so; the others take its snapshot over, so that they share it.
        """
        with self._writing:
            if self._following is None or not self._keeps_now(self._following.index):
                return
            try:
                with snapshots.only_one() as is_ours:
                    if is_ours:
                        self._keep(self._following)
            except OSError as error:
                log.warning("index: no snapshot can be written", error=type(error).__name__)
                self._following.index.pack(timezone.now())
                self._remember(timezone.now())

    def resync(self) -> None:
        """Read everything afresh at the next ``catch_up``; searches go on with what there is."""
        if self._following:
            self._following.floor = self._following.safe_floor = None

    def step_back(self) -> None:
        """Read once more what a crash may have undone; call it when a connection was lost.

        The server may have crashed, and then gives transaction ids anew that had not reached its
        disk. What is read twice does no harm.
        """
        with self._writing:
            if self._following:
                self._following.floor = self._following.safe_floor

    def forget(self) -> None:
        """Drop everything, as if the process had just started."""
        self.__init__()  # type: ignore[misc]

    def _load(self) -> Following:
        origin, now = lineage(), timezone.now()
        floor, on_disk = read_floor()
        with collecting_no_garbage():
            index = SearchIndex(now, filled(listed_services(), now))
        index.warm_up()
        self._following = Following(index, floor, floor if on_disk else None, origin)
        self._kept_at, self._kept_changes = now, None
        self._is_fresh(now)  # what changed while it was read comes next
        return self._following

    def _is_fresh(self, now: dt.datetime) -> None:
        self.caught_up_at, self._is_checked = now, True

    def _keeps_now(self, index: SearchIndex) -> bool:
        if index.needs_packing or self._kept_changes is None:
            return True
        is_due = timezone.now() - self._kept_at >= SNAPSHOT_EVERY
        return is_due and index.changes != self._kept_changes

    @collecting_no_garbage()
    def _keep(self, following: Following) -> None:
        now = timezone.now()
        newer = snapshots.latest(now=now, after=self._kept_at)
        if newer is None or not continues(newer.lineage, following.lineage):
            if (
                following.safe_floor is None
            ):  # for a moment: the server's log is not on its disk yet
                return
            packed, origin = following.index.packed(now), following.lineage
            snapshots.write(packed, floor=following.safe_floor, lineage=origin, now=now)
            newer = snapshots.latest(now=now)
        if newer is None or not continues(newer.lineage, following.lineage):
            raise OSError  # another machine uses the same folder
        shared = _taken_over(newer, now)
        shared.catch_up()
        self._following = shared
        self._remember(newer.written_at)

    def _remember(self, written_at: dt.datetime) -> None:
        self._kept_at, self._kept_changes = written_at, self.index.changes


def _taken_over(snapshot: snapshots.Snapshot, now: dt.datetime) -> Following:
    index = SearchIndex(now, snapshot.shelving)
    index.warm_up()
    return Following(index, snapshot.floor, snapshot.floor, snapshot.lineage)


live_index = LiveIndex()
