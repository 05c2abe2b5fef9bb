"""Listings as a file."""

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from services.exchange.csv_file import csv_lines
from services.exchange.services import ServiceSheet
from services.exchange.sheets import Sheet
from services.exchange.sites import SiteSheet
from services.exchange.xlsx_file import xlsx_bytes

SHEETS: dict[str, Sheet] = {sheet.name: sheet for sheet in (SiteSheet(), ServiceSheet())}


class Form(StrEnum):
    """What kind of file."""

    CSV = "csv"
    XLSX = "xlsx"


CONTENT_TYPES = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def export(
    sheet: Sheet, queryset: QuerySet[Any], form: Form, *, now: dt.datetime
) -> Iterator[bytes]:
    """The file of some listings, piece by piece.

    Args:
        sheet: of sites or services.
        queryset: which ones; whether the account may have them, the caller asked ``editable_by``.
        form: CSV or XLSX.
        now: the time at which the availability is told.
    """
    rows = sheet.rows(queryset, now)
    if form is Form.XLSX:
        yield xlsx_bytes(sheet.name, sheet.header, rows)
        return
    for line in csv_lines(sheet.header, rows):
        yield line.encode()
