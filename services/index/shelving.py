"""Where services stand: put in, taken out, packed. One thread writes; none searches meanwhile."""

import dataclasses
import datetime as dt
import itertools
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.compiled import compiled
from services.hours import Schedule
from services.index.bounds import Shelves
from services.index.columns import (
    KIND_CODE,
    NO_HOURS,
    ON_THE_MAP,
    ROW,
    TEXTS,
    Numbers,
    row_of,
)
from services.index.directory import Directory
from services.index.growing import grown
from services.index.openings import Openings, Schedules
from services.index.rendering import texts_of
from services.index.texts import Texts, TextStore, copied
from services.index.tree import Tree, build_tree, packing_order, widen_above
from services.listing import ListedService

Area = tuple[str, str]
AXES = ["x", "y", "z"]

AT_A_TIME = 1_000  # services of a full load made rows at once
LOOSE_AT_MOST = 2_000  # services that every search looks at, because they changed since the packing


@dataclass(frozen=True, slots=True)
class Known:
    """What rows name by number."""

    zones: list[str]
    areas: list[Area]
    schedules: list[Schedule]


class Shelving:
    """All rows, and what they refer to.

    Attributes:
        living: how many services are listed.
    """

    shelves: Shelves
    directory: Directory
    living: int

    def __init__(self, now: dt.datetime, known: Known | None = None) -> None:
        known = known or Known([], [], [])
        self.zones = {name: number for number, name in enumerate(known.zones)}
        self.areas = {area: number for number, area in enumerate(known.areas)}
        self.schedules = Schedules(now, known.schedules)
        self.texts = TextStore()
        self._settle(np.zeros(0, dtype=ROW), 0)

    @property
    def known(self) -> Known:
        """What rows name by number, in order."""
        return Known(list(self.zones), list(self.areas), self.schedules.all)

    @property
    def needs_packing(self) -> bool:
        """Whether so much changed that packing anew makes searches faster."""
        loose = self.shelves.used - self.shelves.settled
        return loose > max(LOOSE_AT_MOST, self.shelves.settled // 50)

    def slot_of(self, id_: uuid.UUID) -> int | None:
        """The slot of a listed service."""
        slot = self.directory.slot(id_, self.shelves.rows)
        return None if slot is None or not self.shelves.rows[slot]["alive"] else slot

    def prepared(self, services: Sequence[ListedService]) -> list[tuple[Any, ...]]:
        """Services as rows, in their order. What they name by number is known from then on."""
        told = [texts_of(service) for service in services]
        texts = self.texts.numbers_of([text[name] for text in told for name in TEXTS])
        numbers = texts.reshape(-1, len(TEXTS)).tolist()
        return [
            row_of(service, self._numbers(service, own))
            for service, own in zip(services, numbers, strict=True)
        ]

    def _numbers(self, service: ListedService, texts: list[int]) -> Numbers:
        return Numbers(
            self.schedules.number_of(service.care_schedule()),
            self.schedules.number_of(service.door_schedule()),
            self.zones.setdefault(service.time_zone, len(self.zones)),
            self.areas.setdefault(service.area, len(self.areas)) if service.area else -1,
            *texts,
        )

    def put(self, service: ListedService, row: tuple[Any, ...]) -> int:
        """List a service, or list it anew; returns its slot."""
        slot = self.slot_of(service.id)
        if slot is not None and not self._stands_there(slot, service):
            self.bury(service.id)
            slot = None
        is_new = slot is None
        if slot is None:
            slot = self._new_slot()
            self.living += 1
        rows = self.shelves.rows
        rows[slot] = row
        self.shelves.spots[slot] = [rows[slot][axis] for axis in AXES]
        self.shelves.facts[slot] = rows[slot]["yes"], rows[slot]["no"]
        if is_new:
            self.directory.enter(service.id, slot, rows)
        elif slot < len(self.shelves.tree.leaf_of):
            widen_above(slot, self.shelves.tree, rows)
        return slot

    def bury(self, id_: uuid.UUID) -> None:
        """Take a service out; an unknown one is passed over."""
        slot = self.slot_of(id_)
        if slot is not None:
            self.shelves.rows[slot]["alive"] = 0
            self.living -= 1

    def packed(self, now: dt.datetime) -> "Shelving":
        """The same services, packed: neighbours of a kind, and their texts, stand together.

        Texts and schedules that nothing names any more are forgotten.
        """
        return self._packed(self.shelves.rows[: self.shelves.used], now)

    def _packed(self, used: NDArray[Any], now: dt.datetime) -> "Shelving":
        """The living of these rows, packed; what they name is known here."""
        new = Shelving(now, dataclasses.replace(self.known, schedules=[]))
        rows = used[packing_order(used)]
        new.schedules = self._schedules_of(rows)
        new.schedules.move_to(now)
        new.texts = copied(self.texts, _renumber_texts(rows, self.texts.count))
        new._settle(rows, len(rows))
        return new

    def _schedules_of(self, rows: NDArray[Any]) -> Schedules:
        """The schedules of rows, numbered anew; the rows name them so from then on."""
        both = np.concatenate([rows["care_hours"], rows["door_hours"]])
        numbers = np.unique(both[both != NO_HOURS])
        for column in ("care_hours", "door_hours"):
            named = rows[column] != NO_HOURS
            rows[column][named] = np.searchsorted(numbers, rows[column][named])
        return self.schedules.only(numbers)

    def _stands_there(self, slot: int, service: ListedService) -> bool:
        row = self.shelves.rows[slot]
        if row["kind"] != KIND_CODE[service.kind]:
            return False
        if service.point is None:
            return bool(slot >= self.shelves.settled and row["reach"] != ON_THE_MAP)
        return bool(row["reach"] == ON_THE_MAP and (row["lat"], row["lon"]) == service.point)

    def _new_slot(self) -> int:
        slot, shelves = self.shelves.used, self.shelves
        self.shelves = shelves._replace(
            rows=grown(shelves.rows, slot + 1),
            spots=grown(shelves.spots, slot + 1),
            facts=grown(shelves.facts, slot + 1),
            used=slot + 1,
        )
        return slot

    def _settle(self, rows: NDArray[Any], used: int) -> None:
        """Stand on packed rows."""
        on_the_map = int(np.count_nonzero(rows["reach"][:used] == ON_THE_MAP))
        spots = np.stack([rows[axis] for axis in AXES], axis=1).astype(np.float32)
        facts = np.stack([rows["yes"], rows["no"]], axis=1)
        by_area = rows["area"][on_the_map:used]
        starts = on_the_map + np.searchsorted(by_area, np.arange(len(self.areas) + 1))
        tree = build_tree(rows[:on_the_map])
        self.stand_on(Shelves(rows, spots, facts, tree, starts, used, used), Directory(rows, used))

    def stand_on(self, shelves: Shelves, directory: Directory) -> None:
        """Take these shelves for one's own."""
        self.shelves, self.directory = shelves, directory
        self.living = int(np.count_nonzero(shelves.rows["alive"][: shelves.used]))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays by name; with ``known`` and ``counts`` they are the whole."""
        shelves, tree = self.shelves, self.shelves.tree
        return {
            "rows": shelves.rows,
            "spots": shelves.spots,
            "answers": shelves.facts,
            "boxes": tree.boxes,
            "kinds": tree.kinds,
            "zones": tree.zones,
            "nodes": tree.nodes,
            "leaf_of": tree.leaf_of,
            "areas": shelves.areas,
            "directory": self.directory.table,
            "texts": self.texts.texts.all,
            "starts": self.texts.texts.starts,
            "numbers": self.texts.table,
            **self.schedules.current._asdict(),
        }

    @property
    def counts(self) -> dict[str, int]:
        """How much of the arrays is in use."""
        shelves = self.shelves
        return {"settled": shelves.settled, "used": shelves.used, "texts": self.texts.count}

    @classmethod
    def of(
        cls,
        now: dt.datetime,
        known: Known,
        start: dt.datetime,
        arrays: dict[str, NDArray[Any]],
        counts: dict[str, int],
    ) -> "Shelving":
        """The shelving that was taken apart into this; its openings are those from ``start`` on."""
        new = cls(now, dataclasses.replace(known, schedules=[]))
        openings = Openings(*(arrays[name] for name in Openings._fields))
        new.schedules = Schedules.restored(now, known.schedules, start, openings)
        new.texts.texts = Texts(arrays["texts"], arrays["starts"])
        new.texts.count, new.texts.table = counts["texts"], arrays["numbers"]
        tree = Tree(*(arrays[name] for name in Tree._fields))
        places = arrays["areas"], counts["settled"], counts["used"]
        shelves = Shelves(arrays["rows"], arrays["spots"], arrays["answers"], tree, *places)
        new.stand_on(shelves, Directory.of(arrays["directory"], counts["used"]))
        return new


def filled(services: Iterable[ListedService], now: dt.datetime) -> Shelving:
    """A shelving of these services, packed. None of them comes twice."""
    shelving, waiting = Shelving(now), iter(services)
    rows, used = np.zeros(0, dtype=ROW), 0
    while some := list(itertools.islice(waiting, AT_A_TIME)):
        rows = grown(rows, used + len(some))
        rows[used : used + len(some)] = np.array(shelving.prepared(some), dtype=ROW)
        used += len(some)
    return shelving._packed(rows[:used], now)


@compiled
def _renumber_texts(rows: NDArray[Any], count: int) -> NDArray[Any]:
    """Number the texts of rows anew in the order they come up; returns their old numbers."""
    new = np.full(count, -1, np.int32)
    wanted, found = np.empty(count, np.int32), 0
    for slot in range(len(rows)):
        row = rows[slot]
        for old in (row.place, row.name, row.facts, row.windows, row.note):
            if new[old] < 0:
                new[old], wanted[found] = found, old
                found += 1
        row.place, row.name, row.facts = new[row.place], new[row.name], new[row.facts]
        row.windows, row.note = new[row.windows], new[row.note]
    return wanted[:found]
