"""Listings as XLSX: texts are texts, numbers are numbers, nothing is a formula."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time
from typing import Any

from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
from openpyxl.cell.text import Text  # type: ignore[import-untyped]
from openpyxl.reader.excel import ExcelReader  # type: ignore[import-untyped]
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS  # type: ignore[import-untyped]
from openpyxl.xml.functions import iterparse  # type: ignore[import-untyped]

from services.exchange.limits import Limits
from services.exchange.neutral import xlsx_escaped, xlsx_unescaped
from services.exchange.problems import FileRefusedError
from services.exchange.table import Cell, RawCell, Table, table_of

TEXT = "@"  # a cell that stays text when somebody edits it: 02134 keeps its zero, = is a sign
NO_FILE = "Not an XLSX file that can be read. Save it anew as “Excel workbook (.xlsx)”, or as CSV."
# In any part, whatever its name, and also where two bytes make a character.
DECLARES = re.compile(
    rb"<\x00*!\x00*(?:"
    + b"|".join(rb"\x00*".join(re.findall(b".", word)) for word in (b"DOCTYPE", b"ENTITY"))
    + rb")",
    re.IGNORECASE,
)
A_PIECE = 1_000_000  # bytes looked at in one go
LAST_ROW = 1_048_576  # of any spreadsheet; a row that says it is a later one is a trap
FORMULA = "It is a formula. Put its result there as a value: copy, then “paste values”."


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


class _Reader(ExcelReader):  # type: ignore[misc]
    """Reads the table of texts as it stands: the library drops half of an escape."""

    def read_strings(self) -> None:
        """Keep every text, unescaped by nobody yet."""
        part = self.package.find(SHARED_STRINGS)
        if part is None:
            return
        with self.archive.open(part.PartName[1:]) as source:
            for _, node in iterparse(source):
                if node.tag == f"{{{SHEET_MAIN_NS}}}si":
                    self.shared_strings.append(Text.from_tree(node).content)
                    node.clear()


def read_xlsx(content: bytes, limits: Limits) -> Table:
    """The table in the first sheet of an XLSX file. Macros, links and other sheets are not read.

    Raises:
        FileRefusedError: it is no XLSX file, declares entities, or is larger than the limits.
    """
    if len(content) > limits.size:
        raise FileRefusedError(f"Larger than {limits.size // 1_000_000} MB: split the file.")
    try:
        _check_parts(content, limits)
        book = _Reader(io.BytesIO(content), read_only=True, keep_links=False)
        book.read()
        return table_of(_lines(book.wb.worksheets[0], limits), limits)
    except FileRefusedError:
        raise
    except Exception:  # the library has no error of its own for the many ways a file is broken
        raise FileRefusedError(NO_FILE) from None


def _check_parts(content: bytes, limits: Limits) -> None:
    """Look at the archive before anything reads it. No part unpacks to more than it says here."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > limits.unpacked:
            raise FileRefusedError("It unpacks to more than is read: split the file, or use CSV.")
        if any(part.flag_bits & 1 for part in parts):
            raise FileRefusedError("It is locked by a password: take that off and save it.")
        for part in parts:
            _check_part(archive, part)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    before = b""
    with archive.open(part) as source:
        while piece := source.read(A_PIECE):
            if DECLARES.search(before + piece):
                raise FileRefusedError(NO_FILE)
            before = piece[-40:]


def _lines(sheet: Any, limits: Limits) -> Iterator[list[RawCell]]:
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    empty: tuple[Any, ...] | None = None
    for row in sheet.iter_rows(max_row=LAST_ROW, max_col=limits.columns + 1):
        if row == empty:
            yield []
            continue
        if all(cell.value is None for cell in row):
            empty = row
        yield [_read(cell) for cell in row]


def _read(cell: Any) -> RawCell:
    if cell.data_type == "f":
        return RawCell(refusal=FORMULA)
    if cell.data_type == "e":
        return RawCell(refusal="It shows an error: put a value there, or leave it empty.")
    return RawCell("" if cell.value is None else _as_text(cell.value))


def _as_text(value: Any) -> str:
    """A typed cell as the text somebody would have typed."""
    if isinstance(value, str):
        return xlsx_unescaped(value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()
    return str(value)
