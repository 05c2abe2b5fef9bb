"""What keeps a file, or one cell of it, from being taken. Each message says what to do."""

import unicodedata
from collections.abc import Sequence

NAMED, LONGEST = 5, 40  # names that a message repeats; characters of each
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # controls, marks of direction, none at all


def visible(text: str) -> str:
    """The beginning of a text from a file, safe to print: what nobody sees is a question mark."""
    shown = ("?" if unicodedata.category(one) in UNSEEN else one for one in text[:LONGEST])
    return "".join(shown) + ("…" if len(text) > LONGEST else "")


def named(names: Sequence[str]) -> str:
    """Names from a file, as a message tells them."""
    more = len(names) - NAMED
    told = ", ".join(map(visible, names[:NAMED]))
    return f"{told} and {more:,} more" if more > 0 else told


class FileRefusedError(ValueError):
    """The file as a whole cannot be read."""


class CellRefusedError(ValueError):
    """One cell cannot be true, or cannot be read. ``column`` is empty if the whole row is meant."""

    def __init__(self, message: str, column: str = "") -> None:
        super().__init__(message)
        self.column = column
