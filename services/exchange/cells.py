"""The cells of a table in an XLSX file, each as the text somebody would have typed."""

import functools
import re
from datetime import datetime, time
from typing import Any

from openpyxl.utils.datetime import from_excel  # type: ignore[import-untyped]

from services.exchange.limits import CELL, Limits
from services.exchange.neutral import xlsx_unescaped
from services.exchange.problems import FileRefusedError
from services.exchange.table import Line, RawCell
from services.exchange.workbook import Workbook

LAST_ROW = 1_048_576  # of any spreadsheet; a row that says it is a later one is a trap
FORMULA = RawCell(
    refusal="It is a formula. Put its result there as a value: copy, then “paste values”."
)
AN_ERROR = RawCell(refusal="It shows an error: put a value there, or leave it empty.")
NO_NUMBER = RawCell(refusal="It is no number that can be read: type it anew.")
WHOLE = re.compile(r"-?[0-9]{1,300}")
LETTERS = re.compile(r"[A-Z]{1,4}", re.IGNORECASE)


class Cells:
    """Listens for rows of cells."""

    def __init__(self, book: Workbook, limits: Limits) -> None:
        self._book, self._limits = book, limits
        self._found: list[Line] = []
        self._number = self._filled = 0  # of the row; of cells
        self._row: list[RawCell] = []
        self._at, self._type, self._style = 0, "n", ""
        self._parts, self._length = list[str](), 0
        self._reads = self._computes = False
        self._aside = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """See Listener."""
        if name == "c":
            self._at = _column(attributes["r"]) if "r" in attributes else self._at + 1
            self._type, self._style = attributes.get("t", "n"), attributes.get("s", "0")
            self._parts, self._length, self._computes = [], 0, False
        elif name in {"v", "t"}:
            self._reads = not self._aside
        elif name == "f":
            self._computes = True
        elif name == "rPh":
            self._aside += 1
        elif name == "row":
            number = int(attributes.get("r", self._number + 1))
            if number <= self._number:
                raise ValueError("a row stands before one that comes later")
            self._number, self._row, self._at = number, [], 0

    def end(self, name: str) -> None:
        """See Listener."""
        if name in {"v", "t"}:
            self._reads = False
        elif name == "rPh":
            self._aside -= 1
        elif name == "c":
            if self._parts or self._computes:
                self._put(self._cell())
        elif name == "row" and self._row and self._number <= LAST_ROW:
            self._found.append((self._number, self._row))

    def text(self, text: str) -> None:
        """See Listener. What is longer than a cell is cut where that is seen."""
        if self._reads and self._length <= CELL:
            self._parts.append(text)
            self._length += len(text)

    def take(self) -> list[Line]:
        """See Listener."""
        taken, self._found = self._found, []
        return taken

    def _put(self, cell: RawCell) -> None:
        """Beyond the last column there is one place for all: that something stands there."""
        self._filled += 1
        if self._filled > self._limits.cells:
            raise FileRefusedError(f"More than {self._limits.cells:,} cells: split the file.")
        at = min(self._at, self._limits.columns + 1)
        self._row.extend([EMPTY] * (at - len(self._row)))
        self._row[at - 1] = cell

    def _cell(self) -> RawCell:
        if self._computes:
            return FORMULA
        text, kind = "".join(self._parts), self._type
        if kind == "s":
            return RawCell(self._book.texts[int(text)])
        if kind in {"str", "inlineStr"}:
            return RawCell(xlsx_unescaped(text))
        if kind == "b":
            return RawCell("TRUE" if text.strip() in {"1", "true"} else "FALSE")
        if kind == "d":
            return RawCell(text.strip().removesuffix("T00:00:00"))
        return AN_ERROR if kind == "e" else self._number_cell(text.strip())

    def _number_cell(self, text: str) -> RawCell:
        try:
            if self._style in self._book.dates:
                return RawCell(_day_or_time(from_excel(float(text), self._book.epoch)))
            value = int(text) if WHOLE.fullmatch(text) else float(text)
        except (ValueError, OverflowError):
            return NO_NUMBER
        whole = isinstance(value, float) and value.is_integer()
        return RawCell(str(int(value) if whole else value))


EMPTY = RawCell()


def _day_or_time(value: Any) -> str:
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()
    return str(value)


@functools.lru_cache(maxsize=1024)
def _column_of(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _column(reference: str) -> int:
    """The number of a cell's column, A being 1."""
    letters = LETTERS.match(reference)
    if letters is None:
        raise ValueError("a cell is in no column")
    return _column_of(letters[0])
