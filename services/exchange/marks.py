"""Several entries in one cell: a bar between two, a backslash before what would be a mark."""

import re

MARKS = {"\\": "\\\\", "|": "\\|", "(": "\\(", ")": "\\)", "\n": "\\n", "\r": "\\r"}
PLAIN = {"\\n": "\n", "\\r": "\r"}


def escaped(text: str) -> str:
    """A text in which no character is a mark any more."""
    return "".join(MARKS.get(each, each) for each in text)


def unescaped(text: str) -> str:
    """The text that ``escaped`` was given."""
    return re.sub(r"\\.", lambda found: PLAIN.get(found[0], found[0][1]), text, flags=re.DOTALL)


def entries(cell: str) -> list[str]:
    """The entries of a cell, still escaped; empty ones left out."""
    parts = re.findall(r"(?:\\.|[^\\|])+", cell, flags=re.DOTALL)
    return [part for part in parts if part.strip()]
