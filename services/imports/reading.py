"""Files into rows, with limits that make a hostile file cheap to refuse."""

import codecs
import csv
import gzip
import io
import json
import math
import os
import re
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.imports.problems import FileRefusedError

# Some two or three times what the largest published feed needs. What a file costs follows from it.
MAX_FILE_BYTES = 20 * 2**20  # as it lies on disk
MAX_TEXT_BYTES = 20 * 2**20  # unpacked
MAX_RATIO = 50  # unpacked to packed; published feeds pack to a seventh, a bomb to a thousandth
MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_CELLS = 750_000  # rows times columns
MAX_CELL = 20_000  # characters
MAX_DEPTH = 12  # of JSON
MAX_MARKS = 1_000_000  # brackets, braces and commas of JSON: each makes a value
CHUNK = 2**16
AGAIN = "Fetch it again, or ask its publisher."
SMALLER = "Look whether it is the right one; import a very large feed in parts."

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
NO_CHARACTER = re.compile("[\0\ud800-\udfff]")

Row = dict[str, Any]


def read_text(path: Path) -> str:
    """The text of a plain or gzipped file: UTF-8, or Windows-1252 where it is not that.

    Raises:
        FileRefusedError: the file is missing, no plain file, too large, truncated, or holds NUL.
    """
    raw = _read(path)
    data = _unpacked(raw) if raw[:2] == b"\x1f\x8b" else raw
    if b"\x00" in data:
        raise FileRefusedError(
            "The file holds NUL characters; it is not text, or not in UTF-8. Save it as CSV UTF-8."
        )
    return _decoded(data.removeprefix(codecs.BOM_UTF8))


def _read(path: Path) -> bytes:
    """The bytes of a file, never more than its limit: devices and pipes have no end."""
    try:
        # A pipe nobody writes to is not waited for.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise FileRefusedError("It is no plain file. Give the path of one.")
            raw = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its path is none"
        raise FileRefusedError(f"The file cannot be opened: {why}.") from error
    if len(raw) > MAX_FILE_BYTES:
        raise FileRefusedError(f"The file is larger than {MAX_FILE_BYTES // 2**20} MB. {SMALLER}")
    return raw


def _unpacked(packed: bytes) -> bytes:
    limit = min(MAX_TEXT_BYTES, max(2**20, len(packed) * MAX_RATIO))
    whole = bytearray()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as stream:
            while part := stream.read(CHUNK):
                if len(whole) + len(part) > limit:
                    raise FileRefusedError(
                        f"The file unpacks to far more than a feed holds. {AGAIN}"
                    )
                whole += part
    except (OSError, EOFError, zlib.error) as error:
        raise FileRefusedError(f"The gzip file is broken or cut short. {AGAIN}") from error
    return bytes(whole)


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
    lines = csv.reader(_lines(text), strict=True)
    try:
        header = [name.strip() for name in next(lines, [])]
        _check_header(header, columns)
        most = min(MAX_ROWS, MAX_CELLS // len(header))
        for number, cells in enumerate(lines, start=1):
            if not cells:
                continue
            if number > most:
                raise FileRefusedError(f"The file has more than {most:,} rows. {SMALLER}")
            if len(cells) != len(header):
                raise FileRefusedError(
                    f"Row {number} has {len(cells)} cells under {len(header)} columns;"
                    f" the file is cut or broken. {AGAIN}"
                )
            yield dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise FileRefusedError(f"The CSV is broken: {error}. {AGAIN}") from error


def _lines(text: str) -> Iterator[str]:
    """The lines of a text with their ends; none is copied before its turn."""
    return (found[0] for found in LINE.finditer(text))


def _check_header(header: list[str], columns: frozenset[str]) -> None:
    if len(header) > MAX_COLUMNS:
        raise FileRefusedError(f"The file has more than {MAX_COLUMNS} columns. {AGAIN}")
    if missing := sorted(columns - set(header)):
        raise FileRefusedError(
            f"These columns are missing: {', '.join(missing)}. Another reader may know this file;"
            " if the feed has changed, its reader must follow."
        )
    if len(set(header)) != len(header):
        raise FileRefusedError(f"A column stands twice in the header. {AGAIN}")


def json_rows(text: str, *, under: str) -> tuple[Row, list[Row]]:
    """The outer object and the list of row objects it holds under a name.

    Raises:
        FileRefusedError: broken JSON, another shape, or beyond a limit.
    """
    if sum(map(text.count, "[{,")) > MAX_MARKS:
        raise FileRefusedError(f"The JSON holds more values than a feed. {SMALLER}")
    try:
        outer = DECODER.decode(text.lstrip())
    except (ValueError, RecursionError) as error:
        raise FileRefusedError(
            "The JSON is broken, cut short, or holds a name twice or a number that is none."
            f" {AGAIN}"
        ) from error
    rows = outer.get(under) if isinstance(outer, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FileRefusedError(
            f"The JSON has no list of objects called “{under}”. Another reader may know this file."
        )
    if len(rows) > MAX_ROWS:
        raise FileRefusedError(f"The file has more than {MAX_ROWS:,} rows. {SMALLER}")
    for number, row in enumerate(rows, start=1):
        _check_shape(row, where=f"Row {number}", depth=0)
    return outer, rows


def _once(pairs: list[tuple[str, Any]]) -> Row:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError("no number")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


DECODER = json.JSONDecoder(
    object_pairs_hook=_once, parse_float=_finite, parse_constant=_refuse_constant
)


def _check_shape(value: object, *, where: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise FileRefusedError(f"{where} is nested too deeply. {AGAIN}")
    if isinstance(value, str) and (len(value) > MAX_CELL or NO_CHARACTER.search(value)):
        raise FileRefusedError(
            f"{where} has a value that is too long, or holds characters that are none. {AGAIN}"
        )
    if isinstance(value, (dict, list)):
        if len(value) > MAX_CELL:
            raise FileRefusedError(f"{where} has a value of too many parts. {AGAIN}")
        inner = [*value.keys(), *value.values()] if isinstance(value, dict) else value
        for part in inner:
            _check_shape(part, where=where, depth=depth + 1)
