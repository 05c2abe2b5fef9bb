"""A site's numbers in one cell: ``+12155550100;ext=12 (intake) | 988 (crisis line)``.

What would be a mark (a bar, brackets, a backslash, a new line) has a backslash before it inside an
extension or a label, so every label comes back as it was. Whether somebody can dial a number,
services.validity says.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from services.exchange.marks import entries, escaped, unescaped
from services.exchange.problems import CellRefusedError

UNNAMED = "main"  # the label of a number without one
ENTRY = re.compile(
    r"""\s*(?P<number>(?:\\.|[^\\|;()]|\(\d+\))+?)\s*
    (?:(?:;\s*ext\s*=|(?<=\d)\s*(?:ext\.?|x)\s*(?=\d))\s*(?P<extension>(?:\\.|[^\\|()])*?))?
    (?:\ *\((?P<label>(?:\\.|[^\\|()])*)\))?\s*""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


def shown_phones(phones: Iterable[Mapping[str, Any]]) -> str:
    """Numbers in their order, as one cell."""
    return " | ".join(map(_shown, phones))


def _shown(phone: Mapping[str, Any]) -> str:
    extension = f";ext={escaped(phone['extension'])}" if phone["extension"] else ""
    return f"{escaped(phone['number'])}{extension} ({escaped(phone['label'])})"


def read_phones(cell: str) -> list[dict[str, Any]]:
    """The numbers of a cell in their order, as they are written there.

    Raises:
        CellRefusedError: a part is no number, extension and label.
    """
    return [_phone(entry) for entry in entries(cell)]


def _phone(entry: str) -> dict[str, Any]:
    found = ENTRY.fullmatch(entry)
    if found is None:
        raise CellRefusedError("Write +12155550100;ext=12 (intake), with | between two numbers.")
    label, extension = found["label"], found["extension"]
    return {
        "number": unescaped(found["number"]).strip(),
        "extension": unescaped(extension) or None if extension else None,
        "label": UNNAMED if label is None else unescaped(label),
    }
