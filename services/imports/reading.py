"""Files into rows, with limits that make a hostile file cheap to refuse."""

import codecs
import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.imports.problems import FileRefusedError

MAX_FILE_BYTES = 50 * 2**20  # as it lies on disk
MAX_TEXT_BYTES = 200 * 2**20  # unpacked
MAX_RATIO = 200  # unpacked to packed; published feeds pack to a tenth, a bomb to a thousandth
MAX_ROWS = 300_000
MAX_COLUMNS = 200
MAX_CELL = 64_000  # characters
MAX_DEPTH = 12  # of JSON
CHUNK = 2**16

Row = dict[str, Any]


def read_text(path: Path) -> str:
    """The text of a plain or gzipped file: UTF-8, or Windows-1252 where it is not that.

    Raises:
        FileRefusedError: the file is missing, too large, truncated, or holds NUL characters.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise FileRefusedError(f"The file is larger than {MAX_FILE_BYTES // 2**20} MB.")
        raw = path.read_bytes()
    except OSError as error:
        raise FileRefusedError(f"The file cannot be opened: {error.strerror}.") from error
    data = _unpacked(raw) if raw[:2] == b"\x1f\x8b" else raw
    if b"\x00" in data:
        raise FileRefusedError("The file holds NUL characters; it is not text.")
    return _decoded(data.removeprefix(codecs.BOM_UTF8))


def _unpacked(packed: bytes) -> bytes:
    limit = min(MAX_TEXT_BYTES, max(2**20, len(packed) * MAX_RATIO))
    parts: list[bytes] = []
    size = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as stream:
            while part := stream.read(CHUNK):
                size += len(part)
                if size > limit:
                    raise FileRefusedError("The file unpacks to far more than a feed holds.")
                parts.append(part)
    except (OSError, EOFError, zlib.error) as error:
        raise FileRefusedError("The gzip file is broken or cut short.") from error
    return b"".join(parts)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def csv_rows(text: str, *, columns: frozenset[str]) -> Iterator[Row]:
    """The rows of a CSV table under its header.

    Args:
        text: the whole file.
        columns: names that must stand in the header.

    Raises:
        FileRefusedError: no header, missing columns, a row of another width, or beyond a limit.
    """
    csv.field_size_limit(MAX_CELL)
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(lines, [])]
        _check_header(header, columns)
        for number, cells in enumerate(lines, start=1):
            if not cells:
                continue
            if number > MAX_ROWS:
                raise FileRefusedError(f"The file has more than {MAX_ROWS} rows.")
            if len(cells) != len(header):
                raise FileRefusedError(
                    f"Row {number} has {len(cells)} cells under {len(header)} columns;"
                    " the file is cut or broken."
                )
            yield dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise FileRefusedError(f"The CSV is broken: {error}.") from error


def _check_header(header: list[str], columns: frozenset[str]) -> None:
    if len(header) > MAX_COLUMNS:
        raise FileRefusedError(f"The file has more than {MAX_COLUMNS} columns.")
    if missing := sorted(columns - set(header)):
        raise FileRefusedError(f"These columns are missing: {', '.join(missing)}.")
    if len(set(header)) != len(header):
        raise FileRefusedError("A column stands twice in the header.")


def json_rows(text: str, *, under: str) -> tuple[Row, list[Row]]:
    """The outer object and the list of row objects it holds under a name.

    Raises:
        FileRefusedError: broken JSON, another shape, or beyond a limit.
    """
    try:
        outer = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise FileRefusedError("The JSON is broken or cut short.") from error
    rows = outer.get(under) if isinstance(outer, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FileRefusedError(f"The JSON has no list of objects called “{under}”.")
    if len(rows) > MAX_ROWS:
        raise FileRefusedError(f"The file has more than {MAX_ROWS} rows.")
    for row in rows:
        _check_shape(row, depth=0)
    return outer, rows


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _check_shape(value: object, *, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise FileRefusedError("The JSON is nested too deeply.")
    if isinstance(value, str) and (len(value) > MAX_CELL or "\x00" in value):
        raise FileRefusedError("A value is too long, or holds NUL characters.")
    if isinstance(value, (dict, list)):
        if len(value) > MAX_CELL:
            raise FileRefusedError("A value holds too many parts.")
        inner = [*value.keys(), *value.values()] if isinstance(value, dict) else value
        for part in inner:
            _check_shape(part, depth=depth + 1)
