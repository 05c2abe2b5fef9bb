"""Answers as CSV (RFC 4180), for people who open them in a spreadsheet."""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.renderers import BaseRenderer

from api.answers import conditional
from api.refusals import INVALID, FieldError, RefusedError
from services.exchange.neutral import neutralised

CSV = "text/csv"
FORMATS = ("json", "csv")


class CsvRenderer(BaseRenderer):
    """So that a client may ask a list for CSV; the view writes it."""

    media_type = CSV
    format = "csv"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        """Nothing is rendered here but refusals, which are bytes already."""
        return b""


class Echo:
    """A file that hands each line back."""

    def write(self, line: str) -> str:
        """The line."""
        return line


def wants_csv(request: HttpRequest) -> bool:
    """Whether ``?format=csv`` is asked for, or else ``Accept: text/csv``.

    Raises:
        RefusedError: the format is neither json nor csv.
    """
    asked = request.GET.get("format")
    if asked is None:
        return request.get_preferred_type(["application/json", CSV]) == CSV
    if asked not in FORMATS:
        error = FieldError("format", "invalid_choice", "One of: json, csv.")
        raise RefusedError(INVALID, errors=[error])
    return asked == "csv"


def cell(value: Any) -> Any:
    """A value as a cell: unknown is empty, and no text is taken for a formula."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return neutralised(value) if isinstance(value, str) else value


def csv_lines(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The head line and one line for each row."""
    writer = csv.writer(Echo())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([cell(row[name]) for name in columns])


def _headers(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}.csv"', "Vary": "Accept"}


def csv_answer(
    request: HttpRequest,
    name: str,
    columns: Sequence[str],
    rows: Iterable[dict[str, Any]],
    *,
    cache_control: str,
) -> HttpResponse:
    """A table at once, with its entity tag: who reads slowly shall hold nothing of the database."""
    body = "".join(csv_lines(columns, rows)).encode()
    return conditional(
        request,
        body,
        content_type=f"{CSV}; charset=utf-8; header=present",
        cache_control=cache_control,
        headers=_headers(name),
    )
