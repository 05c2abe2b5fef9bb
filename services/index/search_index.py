"""The index of one process: put services in, take them out, find the best."""

import datetime as dt
import threading
import uuid
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from services.geodesy import geodesic_m
from services.index.around import slots_around
from services.index.asking import Area, Around, Companion, Hit, Query, Told, ask_of
from services.index.columns import (
    FACT_BIT,
    FOUND_BY_AREA,
    KIND_CODE,
    KINDS,
    NO_HOURS,
    ON_THE_MAP,
    ROW,
    fill_row,
)
from services.index.openings import Openings, Schedules
from services.index.rendering import NO_CARD, Card, card_of
from services.index.tree import best_chances, build_tree
from services.index.walk import walk
from services.listing import ListedService
from services.ranking import chance_open_by_clock
from services.vocabulary import Availability, Kind

SHOWN = ["id_high", "id_low", "kind", "reach", "zone", "door_hours", "yes", "no"]
Shown = tuple[int, int, int, int, int, int, int, int]

LOOSE_AT_MOST = 2_000  # services outside the tree, scanned by every search, before it is rebuilt


class SearchIndex:
    """All listed services of one process. Safe to search while changes are put in."""

    def __init__(self, now: dt.datetime) -> None:
        self._lock = threading.Lock()
        self._rows = np.zeros(0, dtype=ROW)
        self._used = 0
        self._cards: list[Card] = []
        self._slot: dict[uuid.UUID, int] = {}
        self._schedules = Schedules(now)
        self._zones: list[ZoneInfo] = []
        self._areas: dict[Area, int] = {}
        self._zone_chance: tuple[int, NDArray[np.float64]] = (-1, np.zeros(0))
        self._tree = build_tree(self._rows, np.zeros(0, dtype=np.int32))
        self._loose: list[int] = []
        self._nearest: dict[tuple[uuid.UUID, Kind], int] = {}
        self.version = 0

    def __len__(self) -> int:
        """How many services are listed."""
        return len(self._slot)

    @property
    def areas(self) -> frozenset[Area]:
        """The areas in which services without a point are found."""
        return frozenset(self._areas)

    # --- Change -----------------------------------------------------------------------------------

    def put(self, services: Iterable[ListedService]) -> None:
        """List services, or list them anew."""
        with self._lock:
            for service in services:
                self._put(service)
            if len(self._loose) > max(LOOSE_AT_MOST, len(self._slot) // 50):
                self._rebuild()
            self._changed()

    def remove(self, ids: Iterable[uuid.UUID]) -> None:
        """Take services out; unknown ids are passed over."""
        with self._lock:
            for id_ in ids:
                self._bury(id_)
            self._changed()

    def rebuild(self) -> None:
        """Pack everything into the tree, and let the window of openings move on."""
        with self._lock:
            self._rebuild()

    def move_to(self, now: dt.datetime) -> None:
        """Let the window of openings move on with the days."""
        with self._lock:
            self._schedules.move_to(now)

    def _changed(self) -> None:
        self.version += 1
        self._nearest.clear()

    def _put(self, service: ListedService) -> None:
        slot = self._slot.get(service.id)
        if slot is not None and not self._stands_there(slot, service):
            self._bury(service.id)
            slot = None
        if slot is None:
            slot = self._new_slot()
            self._loose.append(slot)
            self._slot[service.id] = slot
        fill_row(
            self._rows[slot],
            service,
            care_hours=self._schedules.number_of(service.care_schedule()),
            door_hours=self._schedules.number_of(service.door_schedule()),
            zone=self._zone_number(service.time_zone),
            area=self._areas.setdefault(service.area, len(self._areas)) if service.area else -1,
        )
        self._cards[slot] = card_of(service)
        self._raise_bounds(slot)

    def _zone_number(self, name: str) -> int:
        zone = ZoneInfo(name)  # the same object for the same name
        if zone not in self._zones:  # some dozens at the most
            self._zones.append(zone)
        return self._zones.index(zone)

    def _stands_there(self, slot: int, service: ListedService) -> bool:
        row = self._rows[slot]
        reach_stays = (row["reach"] == ON_THE_MAP) == (service.point is not None)
        same_point = service.point is None or (row["lat"], row["lon"]) == service.point
        return bool(reach_stays and same_point and row["kind"] == KIND_CODE[service.kind])

    def _new_slot(self) -> int:
        if self._used == len(self._rows):
            grown = np.zeros(max(1024, 2 * self._used), dtype=ROW)
            grown[: self._used] = self._rows
            self._rows = grown
        self._cards.append(NO_CARD)
        self._used += 1
        return self._used - 1

    def _bury(self, id_: uuid.UUID) -> None:
        slot = self._slot.pop(id_, None)
        if slot is None:
            return
        self._rows[slot]["alive"] = 0
        self._cards[slot] = NO_CARD
        if slot in self._loose:
            self._loose.remove(slot)

    def _raise_bounds(self, slot: int) -> None:
        """A node's bounds may stay too good, never too bad: the next rebuild tightens them."""
        leaf_of, nodes = self._tree.leaf_of, self._tree.nodes
        number = int(leaf_of[slot]) if slot < len(leaf_of) else -1
        chance = best_chances(self._rows[slot : slot + 1])[0]
        known = self._rows[slot]["care_hours"] != NO_HOURS
        while number >= 0:
            nodes[number]["best_chance"] = max(nodes[number]["best_chance"], chance)
            nodes[number]["hours_known"] |= known
            number = int(nodes[number]["parent"])

    def _rebuild(self) -> None:
        alive = np.flatnonzero(self._rows["alive"][: self._used])
        self._rows = self._rows[alive]
        self._cards = [self._cards[slot] for slot in alive]
        moved = {int(old): new for new, old in enumerate(alive)}
        self._slot = {id_: moved[slot] for id_, slot in self._slot.items()}
        self._used = len(alive)
        on_the_map = self._rows["reach"] == ON_THE_MAP
        self._tree = build_tree(self._rows, np.flatnonzero(on_the_map).astype(np.int32))
        self._loose = [int(slot) for slot in np.flatnonzero(~on_the_map)]
        self._nearest.clear()

    # --- Search -----------------------------------------------------------------------------------

    def find(self, query: Query) -> list[Hit]:
        """The best services of all that match, best first."""
        with self._lock:
            openings = self._schedules.openings(query.at)
            slots, scores = walk(
                self._rows,
                self._tree.nodes,
                self._tree.order,
                self._tree.roots,
                np.array(self._loose, dtype=np.int64),
                *self._asked(query),
                self._zone_chance_at(query.at),
                openings.bounds,
                openings.opens,
                openings.closes,
                query.limit,
            )
            # Reading fields one by one from NumPy would take longer than the walk.
            rows = self._rows[slots][SHOWN].tolist()
            return [
                self._hit(slot, shown, score, query, openings)
                for slot, shown, score in zip(slots.tolist(), rows, scores.tolist(), strict=True)
            ]

    def around(self, query: Query) -> Around:
        """All services of the kinds asked for within ``max_km``, and those found by area there."""
        with self._lock:
            slots, metres = slots_around(self._rows[: self._used], *self._asked(query))
            return Around(self._rows[slots], metres)

    def tell(self, ids: Iterable[uuid.UUID], at: dt.datetime) -> dict[uuid.UUID, Told]:
        """What is told of services at a moment; those not listed (any more) are left out."""
        with self._lock:
            openings = self._schedules.openings(at)
            slots = {id_: self._slot[id_] for id_ in ids if id_ in self._slot}
            return {id_: self._told(slot, at, openings) for id_, slot in slots.items()}

    def _told(self, slot: int, at: dt.datetime, openings: Openings) -> Told:
        row = self._rows[slot]
        door = openings.door(int(row["door_hours"]), at, self._zones[row["zone"]])
        return Told(self._cards[slot], door)

    def _asked(self, query: Query) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """The kinds, areas and other wishes of a query, as the compiled code reads them."""
        return (
            np.isin(np.arange(len(KINDS)), [KIND_CODE[kind] for kind in query.kinds]),
            np.array([area in query.areas for area in self._areas] or [False]),
            ask_of(query),
        )

    def warm_up(self) -> None:
        """Compile what searches need, or read it from the cache, before the first one comes."""
        anything = Query(0.0, 0.0, at=dt.datetime.now(dt.UTC), kinds=tuple(Kind), limit=1)
        self.find(anything)
        self.around(anything)
        geodesic_m(0.0, 0.0, 0.0, 1.0)

    def companion(self, hit: Hit, kind: Kind, query: Query) -> Companion | None:
        """The nearest service of a kind to a hit's site, or to the searcher if that has no point.

        None where the index holds no such service.
        """
        with self._lock:
            own = self._slot.get(hit.id)
            if own is None:  # taken out since it was found
                return None
            here = self._rows[own] if hit.distance_m is not None else ask_of(query)[0]
            slot = self._nearest_slot(hit, kind, here)
            if slot is None:
                return None
            row, openings = self._rows[slot], self._schedules.openings(query.at)
            metres = geodesic_m(here["lat"], here["lon"], row["lat"], row["lon"])
            door = openings.door(int(row["door_hours"]), query.at, self._zones[row["zone"]])
            return Companion(self._cards[slot], metres, door)

    def _nearest_slot(self, hit: Hit, kind: Kind, here: Any) -> int | None:
        """By the straight line. Remembered for a site, never for a searcher."""
        known = self._nearest.get((hit.id, kind))
        if known is not None:
            return known
        rows = self._rows[: self._used]
        wanted = np.flatnonzero(
            (rows["kind"] == KIND_CODE[kind]) & (rows["alive"] == 1) & (rows["reach"] == ON_THE_MAP)
        )
        if not len(wanted):
            return None
        gap2 = sum((rows[axis][wanted] - here[axis]) ** 2 for axis in "xyz")
        slot = int(wanted[np.argmin(gap2)])
        if hit.distance_m is not None:
            self._nearest[hit.id, kind] = slot
        return slot

    def _zone_chance_at(self, at: dt.datetime) -> NDArray[np.float64]:
        minute = int(at.timestamp() // 60)
        if self._zone_chance[0] != minute or len(self._zone_chance[1]) != len(self._zones):
            local = [at.astimezone(zone) for zone in self._zones]
            chances = [chance_open_by_clock(there.weekday(), there.hour) for there in local]
            self._zone_chance = (minute, np.array(chances or [1.0]))
        return self._zone_chance[1]

    def _hit(
        self, slot: int, shown: Shown, score: list[float], query: Query, openings: Openings
    ) -> Hit:
        high, low, kind, reach, zone, door_hours, *_ = shown
        expected, distance, travel, wait, open_, served = score
        card = self._cards[slot]
        return Hit(
            id=uuid.UUID(int=high << 64 | low),
            card=card,
            kind=KINDS[kind],
            expected_minutes=expected,
            distance_m=distance if reach == ON_THE_MAP else None,
            travel_minutes=travel,
            wait_minutes=wait,
            p_open=open_,
            p_served=served,
            door=openings.door(door_hours, query.at, self._zones[zone]),
            unmet=_unmet(shown, card, query),
        )


def _unmet(shown: Shown, card: Card, query: Query) -> list[str]:
    """What was asked and is unknown of a service."""
    *_, reach, _zone, door_hours, yes, no = shown
    unmet = [fact for fact in query.access if not (yes | no) & FACT_BIT[fact]]
    if query.open_now and door_hours == NO_HOURS:
        unmet.append("open_now")
    if query.available_only and card.word.state_at(query.at) == Availability.UNKNOWN:
        unmet.append("available_only")
    if query.max_km is not None and reach == FOUND_BY_AREA:
        unmet.append("max_km")
    return unmet
