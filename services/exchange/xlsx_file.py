"""Listings as XLSX: texts are texts, numbers are numbers, nothing is a formula."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]

from services.exchange.archive import NO_FILE, checked_archive
from services.exchange.cells import Cells
from services.exchange.limits import Limits
from services.exchange.neutral import xlsx_escaped
from services.exchange.passing import pass_by
from services.exchange.problems import FileRefusedError
from services.exchange.table import Cell, Table, table_of
from services.exchange.workbook import workbook_in

TEXT = "@"  # a cell that stays text when somebody edits it: 02134 keeps its zero, = is a sign


def xlsx_bytes(title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The file: one sheet, its first row frozen."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    pattern = WriteOnlyCell(sheet)
    pattern.number_format = TEXT
    sheet.append([_text(sheet, pattern, name) for name in header])
    for row in rows:
        sheet.append([_cell(sheet, pattern, cell) for cell in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _cell(sheet: Any, pattern: Any, cell: Cell) -> Any:
    if isinstance(cell, str):
        return _text(sheet, pattern, cell) if cell else None
    return _number(sheet, cell) if isinstance(cell, float) else cell


def _number(sheet: Any, number: float) -> Any:
    cell = WriteOnlyCell(sheet)
    cell._value, cell.data_type = repr(number), "n"  # the library would drop the last digit
    return cell


def _text(sheet: Any, pattern: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, xlsx_escaped(text))
    cell.data_type = "s"  # whatever it begins with
    cell._style = pattern._style
    return cell


def read_xlsx(content: bytes, limits: Limits) -> Table:
    """The table in the first sheet of an XLSX file. Macros, links and other sheets are not read.

    Not by the library that writes: it builds all it reads, whatever that becomes.

    Raises:
        FileRefusedError: it is no XLSX file, declares entities, or is larger than the limits.
    """
    if len(content) > limits.size:
        raise FileRefusedError(f"Larger than {limits.size // 1_000_000} MB: split the file.")
    try:
        with checked_archive(content, limits) as archive:
            book = workbook_in(archive, limits)
            lines = pass_by(archive.open(book.sheet), Cells(book, limits))
            return table_of(lines, limits)
    except FileRefusedError:
        raise
    except Exception:  # there is no one error for the many ways a file is broken
        raise FileRefusedError(NO_FILE) from None
