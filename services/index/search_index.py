"""The index of one process: put services in, take them out, find the best."""

import datetime as dt
import itertools
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from services.compiled import direct
from services.index.answering import Standing, Wanted, best_of, page_of
from services.index.around import slots_around
from services.index.asking import Area, Query, ask_of, companions_wanted, wishes_of
from services.index.hits import Around, Hits, Page
from services.index.openings import BusyError, Openings
from services.index.outlooks import Outlooks, chances_open
from services.index.rendering import Pages, open_feature
from services.index.scoring import Ask
from services.index.shelving import Shelving
from services.listing import ListedService
from services.vocabulary import Kind

MASKS_KEPT = 1_000
TRIES = 3  # to search while schedules come in
AT_A_TIME = 16  # services published together: a search waits for them


class SearchIndex:
    """All listed services of one process. Safe to search while changes are put in.

    Writers prepare what they put in beside the searches, and hold ``_lock`` only to publish it.
    """

    _shelving: Shelving
    _outlooks: Outlooks

    def __init__(self, now: dt.datetime, shelving: Shelving | None = None) -> None:
        self._lock = threading.Lock()  # held by a search, and to publish
        self._writing = threading.RLock()  # one writer at a time
        self._zones: list[ZoneInfo] = []
        self._zone_chance: tuple[int, NDArray[np.float64]] = (-1, np.zeros(0))
        self._areas: frozenset[Area] = frozenset()
        self._masks: dict[frozenset[Area], NDArray[np.bool_]] = {}
        self.changes = 0  # how often something was put in or taken out
        self.stand_on(shelving or Shelving(now), now)

    def __len__(self) -> int:
        """How many services are listed."""
        return self._shelving.living

    @property
    def areas(self) -> frozenset[Area]:
        """The areas in which services without a point are found."""
        if len(self._areas) != len(self._shelving.areas):
            self._areas = frozenset(list(self._shelving.areas))
        return self._areas

    @property
    def needs_packing(self) -> bool:
        """Whether so much changed that packing anew makes searches faster."""
        return self._shelving.needs_packing

    # --- Change -----------------------------------------------------------------------------------

    def put(self, services: Iterable[ListedService]) -> None:
        """List services, or list them anew."""
        with self._writing:
            waiting = iter(services)
            while some := list(itertools.islice(waiting, AT_A_TIME)):
                rows = self._shelving.prepared(some)
                self._shelving.schedules.complete()
                with self._lock:
                    self._name_zones()
                    slots: list[int] = []
                    try:
                        slots.extend(map(self._shelving.put, some, rows))
                    finally:  # of what was put in; no row may be without an outlook
                        self._outlooks.take_in(slots, self._shelving)
                    self.changes += 1

    def remove(self, ids: Iterable[uuid.UUID]) -> None:
        """Take services out; unknown ids are passed over."""
        with self._writing, self._lock:
            for id_ in ids:
                self._shelving.bury(id_)
            self.changes += 1

    def packed(self, now: dt.datetime) -> Shelving:
        """The services of now, packed, beside the index."""
        with self._writing:
            return self._shelving.packed(now)

    def pack(self, now: dt.datetime) -> None:
        """Pack everything, so that no search looks at what is far or full."""
        with self._writing:
            self.stand_on(self._shelving.packed(now), now)

    def move_to(self, now: dt.datetime) -> None:
        """Let the hours' window move on with the days, and the outlook with the minutes."""
        with self._writing:
            self._shelving.schedules.move_to(now)
            if self._outlooks.is_old(now):
                outlooks = self._outlooks.renewed(self._shelving, now)
                with self._lock:
                    self._outlooks = outlooks

    def stand_on(self, shelving: Shelving, now: dt.datetime) -> None:
        """Search these services from now on."""
        with self._writing:
            outlooks = Outlooks(shelving, now)
            example = _example(shelving, outlooks, now)
            best, page = direct(best_of, *example[:3]), direct(page_of, *example)
            with self._lock:
                self._shelving, self._outlooks = shelving, outlooks
                self._best_of, self._page_of = best, page
                self._zone_chance = (-1, np.zeros(0))
                self._areas, self._masks = frozenset(), {}
                self._zones = []
                self._name_zones()

    def _name_zones(self) -> None:
        names = list(self._shelving.zones)
        if len(names) > len(self._zones):
            self._zones = [ZoneInfo(name) for name in names]

    # --- Search -----------------------------------------------------------------------------------

    def find(self, query: Query) -> Hits:
        """The best services of all that match, best first."""
        ask = ask_of(query)
        with self._locked_for(query.at) as openings:
            standing = self._standing(query.at, openings)
            columns = self._best_of(standing, ask, self._wanted(query))
            pages = Pages(standing.texts, standing.openings, ask.at, ask.words_at)
            return Hits(*columns, pages, self._zones)

    def page(self, query: Query, first: int, last: int) -> Page:
        """Of the best services of all that match those from rank ``first`` to ``last``."""
        ask = ask_of(query)
        with self._locked_for(query.at) as openings:
            wanted = self._wanted(query)
            standing = self._standing(query.at, openings)
            return Page(*self._page_of(standing, ask, wanted, first, last))

    def around(self, query: Query) -> Around:
        """All services of the kinds asked for within ``max_km``, and those found by area there."""
        with self._lock:
            rows = self._shelving.shelves.rows[: self._shelving.shelves.used]
            slots, metres = slots_around(rows, self._areas_of(query.areas), ask_of(query))
            return Around(rows[slots], metres)

    def tell(self, ids: Iterable[uuid.UUID], at: dt.datetime) -> dict[uuid.UUID, bytes]:
        """Services as GeoJSON features, open at the end of their properties.

        Those not listed (any more) are left out.
        """
        with self._locked_for(at) as openings:
            seconds = at.timestamp()
            pages = Pages(self._shelving.texts.texts, openings, seconds, seconds)
            slots = {id_: self._shelving.slot_of(id_) for id_ in ids}
            rows = self._shelving.shelves.rows
            return {
                id_: open_feature(rows, slot, pages).tobytes()
                for id_, slot in slots.items()
                if slot is not None
            }

    def warm_up(self) -> None:
        """Compile what searches need, or read it from the cache, before the first one comes."""
        now = dt.datetime.now(dt.UTC)  # and nothing far is looked at: that would take a while
        anything = Query(0.0, 0.0, at=now, kinds=tuple(Kind), max_km=1.0, limit=1)
        self.find(anything)
        self.page(anything, 1, 1)
        self.around(anything)

    @contextmanager
    def _locked_for(self, at: dt.datetime) -> Iterator[Openings]:
        """Hold the lock, with openings that were worked out before: of another day it takes long.

        Raises:
            BusyError: others wait for other days, or schedules came in all the while.
        """
        for _ in range(TRIES):
            schedules = self._shelving.schedules
            openings = schedules.openings(at)
            with self._lock:
                if schedules is self._shelving.schedules and schedules.are_in(openings):
                    yield openings
                    return
        raise BusyError

    def _standing(self, at: dt.datetime, openings: Openings) -> Standing:
        chance = self._zone_chance_at(at)
        return _standing_on(self._shelving, self._outlooks, openings, chance, at)

    def _wanted(self, query: Query) -> Wanted:
        companions = companions_wanted(query.companions)
        return Wanted(self._areas_of(query.areas), wishes_of(query), companions, query.limit)

    def _areas_of(self, areas: frozenset[Area]) -> NDArray[np.bool_]:
        """Whether each area of the index is among these; the answers are kept, they are few."""
        names = self._shelving.areas
        mask = self._masks.get(areas)
        if mask is None or len(mask) != len(names):
            mask = np.array([area in areas for area in list(names)], dtype=np.bool_)
            if len(self._masks) == MASKS_KEPT:
                self._masks.clear()
            self._masks[areas] = mask
        return mask

    def _zone_chance_at(self, at: dt.datetime) -> NDArray[np.float64]:
        minute = int(at.timestamp() // 60)
        if self._zone_chance[0] != minute or len(self._zone_chance[1]) != len(self._zones):
            self._zone_chance = (minute, chances_open(self._zones, at))
        return self._zone_chance[1]


def _standing_on(
    shelving: Shelving,
    outlooks: Outlooks,
    openings: Openings,
    zone_chance: NDArray[np.float64],
    at: dt.datetime,
) -> Standing:
    return Standing(
        shelving.shelves,
        outlooks.at(at.timestamp()),
        openings,
        zone_chance,
        shelving.texts.texts,
    )


def _example(
    shelving: Shelving, outlooks: Outlooks, now: dt.datetime
) -> tuple[Standing, Ask, Wanted, int, int]:
    """Arguments for a page: all searches here hand over such types, however rows and texts grow."""
    query = Query(0.0, 0.0, at=now, kinds=tuple(Kind), limit=1)
    wanted = Wanted(np.zeros(0, np.bool_), wishes_of(query), companions_wanted(()), query.limit)
    standing = _standing_on(shelving, outlooks, shelving.schedules.current, np.zeros(0), now)
    return standing, ask_of(query), wanted, 1, 1
