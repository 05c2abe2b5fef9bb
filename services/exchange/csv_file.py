"""Listings as CSV: UTF-8, quoted where needed, no cell that a spreadsheet would run."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from services.exchange.limits import Limits
from services.exchange.neutral import as_told, neutralised
from services.exchange.problems import FileRefusedError
from services.exchange.table import Cell, Line, RawCell, Table, table_of

BOM = "\ufeff"  # without it spreadsheets take UTF-8 for something older
OTHER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
LONGEST_CELL = 64_000  # characters; one that is longer than a cell can be, but not by much, is told
LONGEST_LINE = 500_000  # characters, of all cells of a row up to their first new line
HEADER = 1_000_000  # bytes in which it ends
NOT_UTF_8 = "Not UTF-8. Save it as “CSV UTF-8”, or as XLSX."
NOT_CSV = (
    "Not a CSV file: a quotation mark is not closed, or stands inside a cell alone. Save it anew."
)
TOO_LONG = "A cell is far longer than cells can be, or a quotation mark is not closed: look for it."
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
    return table_of(_lines(content, limits), limits)


def _lines(content: bytes, limits: Limits) -> Iterator[Line]:
    """The file is decoded as it is read: as a whole it would be held several times over."""
    if content.startswith(OTHER_MARKS):
        raise FileRefusedError(NOT_UTF_8)
    source = io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline="")
    csv.field_size_limit(LONGEST_CELL)
    try:
        lines = _lines_of(source)
        reader = csv.reader(lines, delimiter=_delimiter(content), strict=True)
        for number, line in enumerate(reader, start=1):
            yield number, _cells(line, limits.columns)
    except UnicodeDecodeError:
        raise FileRefusedError(NOT_UTF_8) from None
    except csv.Error as error:
        raise FileRefusedError(TOO_LONG if "limit" in str(error) else NOT_CSV) from None


def _lines_of(source: io.TextIOWrapper) -> Iterator[str]:
    """Lines as they stand; one of a million characters would make millions of cells."""
    while line := source.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise FileRefusedError(TOO_LONG)
        yield line


def _cells(line: list[str], most: int) -> list[RawCell]:
    """Beyond the last column there is one place for all: that something stands there."""
    cells = [RawCell(as_told(cell)) for cell in line[:most]]
    beyond = next(filter(None, line[most:]), "")
    return [*cells, RawCell(beyond)] if beyond else cells


def _delimiter(content: bytes) -> str:
    header = re.split(rb"[\r\n]", content[:HEADER].removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n"))[0]
    return max(DELIMITERS, key=lambda one: header.count(one.encode()))
