"""Listings as CSV: UTF-8, quoted where needed, no cell that a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from services.exchange.limits import Limits
from services.exchange.neutral import as_told, neutralised
from services.exchange.problems import FileRefusedError
from services.exchange.table import Cell, RawCell, Table, table_of

BOM = "\ufeff"  # without it spreadsheets take UTF-8 for something older
DELIMITERS = (",", ";", "\t")  # spreadsheets of some countries write the second


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The file in pieces. Numbers stay numbers: -75.16 is no formula."""
    yield BOM + _line(header)
    for row in rows:
        yield _line([_written(cell) for cell in row])


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    return neutralised(cell) if isinstance(cell, str) else repr(cell)


def _line(cells: Sequence[str]) -> str:
    written = io.StringIO(newline="")
    csv.writer(written).writerow(cells)
    return written.getvalue()


def read_csv(content: bytes, limits: Limits) -> Table:
    """The table in a CSV file; comma, semicolon or tab, whichever its header uses.

    Raises:
        FileRefusedError: it is no CSV in UTF-8, or larger than the limits.
    """
    if len(content) > limits.size:
        raise FileRefusedError(f"Larger than {limits.size // 1_000_000} MB: split the file.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefusedError("Not UTF-8. Save it as “CSV UTF-8”, or as XLSX.") from None
    return table_of(_cells(text), limits)


def _cells(text: str) -> Iterator[list[RawCell]]:
    source, delimiter = io.StringIO(text, newline=""), _delimiter(text)
    try:
        for line in csv.reader(source, delimiter=delimiter, strict=True):
            yield [RawCell(as_told(cell)) for cell in line]
    except csv.Error:
        raise FileRefusedError(
            "Not a CSV file: a quotation mark is not closed, or stands inside a cell alone."
        ) from None


def _delimiter(text: str) -> str:
    header = text.lstrip("\r\n").partition("\n")[0]
    return max(DELIMITERS, key=header.count)
