"""The unchanging parts of answers as bytes, each kept once, end to end in one array.

Services of one site share its address and phones, services with the same facts share those. So two
million services need a few hundred bytes each, and an answer is joined from ready pieces.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.compiled import compiled, lean
from services.index.growing import grown

EMPTY = -1  # of the table

# FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
FNV_START = np.uint64(0xCBF29CE484222325)
FNV_PRIME = np.uint64(0x100000001B3)


class Texts(NamedTuple):
    """Texts by number, as compiled code reads them.

    Attributes:
        all: every text, one after the other.
        starts: text ``n`` is ``all[starts[n]:starts[n + 1]]``.
    """

    all: NDArray[np.uint8]
    starts: NDArray[np.int64]


@lean
def _place_of(
    piece: NDArray[Any], texts: NDArray[Any], starts: NDArray[Any], table: NDArray[Any]
) -> int:
    """Where in the hash table a text's number stands, or would stand."""
    key = FNV_START
    for byte in piece:
        key = (key ^ np.uint64(byte)) * FNV_PRIME
    mask = np.uint64(len(table) - 1)
    place = (key ^ (key >> np.uint64(32))) & mask
    while table[place] != EMPTY:
        number = table[place]
        first, last = starts[number], starts[number + 1]
        if last - first == len(piece):
            same = True
            for offset in range(len(piece)):
                if texts[first + offset] != piece[offset]:
                    same = False
                    break
            if same:
                break
        place = (place + np.uint64(1)) & mask
    return int(place)


@lean
def _enter_all(texts: NDArray[Any], starts: NDArray[Any], count: int, table: NDArray[Any]) -> None:
    for number in range(count):
        piece = texts[starts[number] : starts[number + 1]]
        table[_place_of(piece, texts, starts, table)] = number


@compiled
def _number_all(
    pieces: NDArray[Any], ends: NDArray[Any], known: Texts, count: int, table: NDArray[Any]
) -> NDArray[np.int32]:
    """The number of each piece; what is new becomes known. There is room for all of them."""
    texts, starts = known.all, known.starts
    numbers, first = np.empty(len(ends), np.int32), 0
    for position in range(len(ends)):
        piece = pieces[first : ends[position]]
        place = _place_of(piece, texts, starts, table)
        if table[place] == EMPTY:
            begin = starts[count]
            texts[begin : begin + len(piece)] = piece
            starts[count + 1] = begin + len(piece)
            table[place] = count
            count += 1
        numbers[position], first = table[place], ends[position]
    return numbers


class TextStore:
    """Gives texts numbers; the same text always has the same one."""

    def __init__(self) -> None:
        self.texts = Texts(np.zeros(1 << 12, np.uint8), np.zeros(1 << 6, np.int64))
        self.count = 0
        self.table = np.full(1 << 6, EMPTY, np.int32)

    @property
    def size(self) -> int:
        """Bytes of all texts."""
        return int(self.texts.starts[self.count])

    def number_of(self, text: bytes) -> int:
        """The number of a text; a new one gets the next."""
        return int(self.numbers_of([text])[0])

    def numbers_of(self, texts: Sequence[bytes]) -> NDArray[np.int32]:
        """The numbers of texts, in their order. Many at once take a fraction of the time."""
        pieces = np.frombuffer(b"".join(texts), np.uint8)
        ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
        self._make_room(len(texts), len(pieces))
        numbers = _number_all(pieces, ends, self.texts, self.count, self.table)
        self.count = max(self.count, int(numbers.max(initial=-1)) + 1)
        return numbers

    def _make_room(self, texts: int, size: int) -> None:
        self.texts = Texts(
            grown(self.texts.all, self.size + size),
            grown(self.texts.starts, self.count + texts + 1),
        )
        if 2 * (self.count + texts) > len(self.table):
            self.enter_all(more=texts)

    def enter_all(self, more: int = 0) -> None:
        """Make the hash table anew, with room for so many more."""
        size = 1 << max(6, (4 * (self.count + more)).bit_length())
        self.table = np.full(size, EMPTY, np.int32)
        _enter_all(*self.texts, self.count, self.table)


@compiled
def _copied(
    texts: NDArray[Any], starts: NDArray[Any], wanted: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The wanted texts, in that order: all, and their starts."""
    new_starts = np.zeros(len(wanted) + 1, np.int64)
    for position in range(len(wanted)):
        number = wanted[position]
        new_starts[position + 1] = new_starts[position] + starts[number + 1] - starts[number]
    new = np.empty(new_starts[-1], np.uint8)
    for position in range(len(wanted)):
        number = wanted[position]
        new[new_starts[position] : new_starts[position + 1]] = texts[
            starts[number] : starts[number + 1]
        ]
    return new, new_starts


def copied(store: TextStore, wanted: NDArray[np.int32]) -> TextStore:
    """A store of these texts alone, numbered as they are given."""
    new = TextStore()
    new.texts = Texts(*_copied(*store.texts, wanted))
    new.count = len(wanted)
    new.enter_all()
    return new
