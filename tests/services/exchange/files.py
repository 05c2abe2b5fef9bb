"""Files as a clinic's spreadsheet would send them back."""

import csv
import io
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from openpyxl import Workbook  # type: ignore[import-untyped]

from services.exchange.applying import apply
from services.exchange.lines import Line, Plan
from services.exchange.planning import plan
from services.exchange.reading import read_table
from services.exchange.writing import SHEETS, Form, export
from services.models import Service, Site, User

Cells = dict[str, str]


def exported(name: str, form: Form = Form.CSV, *, by: User | None = None) -> bytes:
    """The file of all sites, or all services, or of those that somebody may edit."""
    objects = (Site if name == "sites" else Service).objects
    rows = objects.editable_by(by) if by else objects.all()
    return b"".join(export(SHEETS[name], rows, form, now=timezone.now()))


def rows_of(name: str, *, by: User | None = None) -> list[Cells]:
    """The cells of an exported file, as told."""
    return [row.cells for row in read_table(exported(name, by=by)).rows]


def csv_of(rows: list[Cells]) -> bytes:
    """A CSV file of plain cells, as a person would type them."""
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


def xlsx_of(lines: list[list[Any]], touch: Callable[[Any], None] = lambda _sheet: None) -> bytes:
    """An XLSX file of plain cells, as a spreadsheet saves it: with a table of shared texts."""
    book = Workbook()
    for line in lines:
        book.active.append(line)
    touch(book.active)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def planned(name: str, content: bytes, account: User) -> Plan:
    """The preview of a file."""
    return plan(SHEETS[name], read_table(content), account=account, now=timezone.now())


def applied(name: str, content: bytes, account: User) -> Plan:
    """What came of a file."""
    return apply(SHEETS[name], read_table(content), account=account, now=timezone.now())


def edited(sheet: str, /, **cells: str) -> bytes:
    """The exported file of the only listing, with some cells typed anew."""
    (row,) = rows_of(sheet)
    return csv_of([row | cells])


def only(plan: Plan) -> Line:
    """The only row's line."""
    (line,) = plan.lines
    return line


def refusals(line: Line) -> dict[str, str]:
    """Why a row was refused, by column."""
    return {problem.column: problem.message for problem in line.problems}
