"""Which slot a service stands in, by id: an open hash table over the rows themselves."""

import uuid
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.compiled import lean

EMPTY = -1
# 2^64 divided by the golden ratio: Knuth, The Art of Computer Programming, volume 3, section 6.4.
MIX = np.uint64(0x9E3779B97F4A7C15)


@lean
def _place_of(high: Any, low: Any, rows: NDArray[Any], table: NDArray[Any]) -> int:
    """Where in the table an id's slot stands, or would stand."""
    mask = np.uint64(len(table) - 1)
    key = (np.uint64(high) ^ np.uint64(low)) * MIX
    place = (key >> np.uint64(20)) & mask
    while table[place] != EMPTY:
        row = rows[table[place]]
        if row.id_high == high and row.id_low == low:
            break
        place = (place + np.uint64(1)) & mask
    return int(place)


@lean
def _enter_all(rows: NDArray[Any], count: int, table: NDArray[Any]) -> None:
    for slot in range(count):
        table[_place_of(rows[slot].id_high, rows[slot].id_low, rows, table)] = slot


class Directory:
    """Slots by id. A service that moved stands where it was entered last."""

    def __init__(self, rows: NDArray[Any], count: int) -> None:
        self.table = np.full(1 << max(6, (4 * count).bit_length()), EMPTY, np.int32)
        _enter_all(rows, count, self.table)
        self._entered = count

    @classmethod
    def of(cls, table: NDArray[np.int32], entered: int) -> "Directory":
        """One whose table is made already."""
        made = cls.__new__(cls)
        made.table, made._entered = table, entered
        return made

    def slot(self, id_: uuid.UUID, rows: NDArray[Any]) -> int | None:
        """The slot a service was entered at last, alive there or not; None for an unknown id."""
        place = _place_of(*_halves(id_), rows, self.table)
        slot = int(self.table[place])
        return None if slot == EMPTY else slot

    def enter(self, id_: uuid.UUID, slot: int, rows: NDArray[Any]) -> None:
        """Say that a service stands in a slot; its row is written already."""
        self._entered += 1
        if 2 * self._entered > len(self.table):
            self.__init__(rows, slot)  # type: ignore[misc]
        self.table[_place_of(*_halves(id_), rows, self.table)] = slot


def _halves(id_: uuid.UUID) -> tuple[np.uint64, np.uint64]:
    return np.uint64(id_.int >> 64), np.uint64(id_.int & (2**64 - 1))
