"""Days on which hours differ, in one cell: ``2026-12-24 09:00-12:00 (short day) | …``.

A range is written ``2026-12-24..2026-12-26``; no times are ``closed``. Every entry has a second
word, so that no spreadsheet takes it for a date. Whether it can be, services.validity says.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from services.exchange.marks import entries, escaped, unescaped
from services.exchange.problems import CellRefusedError

CLOSED = "closed"
DAY = r"\d{4}-\d{2}-\d{2}"
ENTRY = re.compile(
    rf"""\s*(?P<first>{DAY})(?:\s*\.\.\s*(?P<last>{DAY}))?
    (?:\s+(?P<times>(?:\\.|[^\\|()])+?))?
    (?:\ *\((?P<reason>(?:\\.|[^\\|()])*)\))?\s*""",
    re.VERBOSE | re.DOTALL,
)


def shown_days(exceptions: Iterable[Mapping[str, Any]]) -> str:
    """Exceptions in their order, as one cell."""
    return " | ".join(map(_shown, exceptions))


def _shown(one: Mapping[str, Any]) -> str:
    first, last = one["first_day"], one["last_day"]
    days = first if first == last else f"{first}..{last}"
    reason = f" ({escaped(one['reason'])})" if one["reason"] else ""
    return f"{days} {escaped(one['times'] or CLOSED)}{reason}"


def read_days(cell: str) -> list[dict[str, Any]]:
    """The exceptions of a cell.

    Raises:
        CellRefusedError: a part is none.
    """
    return [_days(entry) for entry in entries(cell)]


def _days(entry: str) -> dict[str, Any]:
    found = ENTRY.fullmatch(entry)
    if found is None:
        raise CellRefusedError("Write 2026-12-24..2026-12-26 closed (holiday), with | between two.")
    times = unescaped(found["times"] or CLOSED).strip()
    return {
        "first_day": found["first"],
        "last_day": found["last"] or found["first"],
        "times": None if times.lower() == CLOSED else times,
        "reason": unescaped(found["reason"] or ""),
    }
