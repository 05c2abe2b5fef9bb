"""A file's content between reading and understanding: a header, and rows of plain texts."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.exchange.limits import CELL, Limits, length
from services.exchange.problems import FileRefusedError, named

Cell = str | int | float | None  # a number is one to the spreadsheet too; None is an empty cell


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was sent.

    Attributes:
        number: the row's number as a spreadsheet counts, the header being 1.
        header: the columns, the same for all rows.
        texts: the cells, in the order of the columns.
        refusals: by column, why its cell cannot be taken at all.
    """

    number: int
    header: Sequence[str]
    texts: Sequence[str]
    refusals: Mapping[str, str] = field(default_factory=dict)

    @property
    def cells(self) -> dict[str, str]:
        """Texts by column; made anew each time, as many rows are kept."""
        return dict(zip(self.header, self.texts, strict=True))


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows; rows without a single filled cell are left out."""

    header: list[str]
    rows: list[Row]


class RawCell(NamedTuple):
    """A cell as a file holds it: its text, or why it cannot be taken."""

    text: str = ""
    refusal: str = ""


Line = tuple[int, Sequence[RawCell]]  # the number of a row, and its cells


def table_of(lines: Iterable[Line], limits: Limits) -> Table:
    """The table that lines of cells make, the first filled one being its header.

    Raises:
        FileRefusedError: it has no header, names a column twice, or is larger than the limits.
    """
    filled = ((number, line) for number, line in lines if _is_filled(line))
    first = next(filled, None)
    if first is None:
        raise FileRefusedError("The file is empty. Its first row names the columns: export first.")
    header = _header(first[1], limits)
    most = min(limits.rows, limits.cells // max(1, len(header)))
    rows: list[Row] = []
    for number, line in filled:
        if len(rows) == most:
            raise FileRefusedError(f"More than {most:,} rows: split the file.")
        rows.append(_row(number, header, line))
    return Table(header, rows)


def _is_filled(line: Sequence[RawCell]) -> bool:
    return any(cell.text or cell.refusal for cell in line)


def _header(line: Sequence[RawCell], limits: Limits) -> list[str]:
    header = [cell.text.strip().lower() for cell in line]
    while header and not header[-1]:
        header.pop()
    if len(header) > limits.columns:
        raise FileRefusedError(f"More than {limits.columns} columns: delete those you added.")
    if nameless := [str(place) for place, name in enumerate(header, start=1) if not name]:
        raise FileRefusedError(
            f"The first row names no column in place {', '.join(nameless[:9])}: delete it."
        )
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise FileRefusedError(f"Named twice in the first row: {named(twice)}. Keep one each.")
    return header


def _row(number: int, header: list[str], line: Sequence[RawCell]) -> Row:
    beyond = [cell for cell in line[len(header) :] if cell.text or cell.refusal]
    refusals = dict(_refusals(header, line))
    if beyond:
        refusals[""] = "It has more cells than the first row names columns."
    texts = [cell.text for cell in line[: len(header)]]
    texts += [""] * (len(header) - len(texts))
    return Row(number, header, tuple(texts), refusals)


NO_CHARACTER = re.compile("[\0\ud800-\udfff]")


def _refusals(header: list[str], line: Sequence[RawCell]) -> Iterator[tuple[str, str]]:
    for name, cell in zip(header, line, strict=False):
        if cell.refusal:
            yield name, cell.refusal
        elif NO_CHARACTER.search(cell.text):
            yield name, "It holds a character that is none: delete it."
        elif len(cell.text) * 2 > CELL and length(cell.text) > CELL:
            yield name, f"Longer than {CELL:,} characters: shorten it."
