"""A column of a sheet: how a value becomes a cell that people can edit, and the way back."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Choices

from services.exchange.limits import stands_for_itself
from services.exchange.problems import CellRefusedError
from services.exchange.sheets import Listing
from services.exchange.table import Cell

YES, NO = "yes", "no"
SAID = {YES: True, "y": True, "true": True, "1": True}
SAID |= {NO: False, "n": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        name: its heading, in the words of the API.
        about: what it holds, for people who fill it in.
        path: where its value is in the content of a listing; empty if people do not edit it.
        told: its value, if it has no path.
        show: a value as a cell.
        read: a cell's text as a value. Raises CellRefusedError.
    """

    name: str
    about: str
    path: tuple[str, ...] = ()
    told: Callable[[Listing], Any] | None = None
    show: Callable[[Any], Cell] = str
    read: Callable[[str], Any] = str

    def value(self, listing: Listing) -> Any:
        """What the listing says."""
        return self.told(listing) if self.told else value_at(self.path, listing.content)

    def cell(self, listing: Listing) -> Cell:
        """The listing's cell."""
        shown = self.show(self.value(listing))
        return stands_for_itself(shown) if isinstance(shown, str) else shown


def value_at(path: Iterable[str], content: Mapping[str, Any]) -> Any:
    """What content says at a path; None where it says nothing."""
    value: Any = content
    for name in path:
        value = None if value is None else value.get(name)
    return value


def as_it_is(value: Any) -> Cell:
    """A text or number is its own cell."""
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


def told(name: str, value: Callable[[Listing], Any], about: str) -> Column:
    """A column that is only told: what comes back in it changes nothing."""
    return Column(name, about, told=value, show=as_it_is)


def shown_version(version: str) -> str:
    """A version as a cell: with a letter first, lest a spreadsheet takes 12e4 for a number."""
    return f"v{version}"


VERSION = Column(
    "version", "Leave it as it is", told=lambda listing: listing.version, show=shown_version
)


def text(name: str, about: str, longest: int) -> Column:
    """A text, kept as it is typed."""

    def read(written: str) -> str:
        if len(written) > longest:
            raise CellRefusedError(f"At most {longest} characters.")
        return written

    return Column(name, about, (name,), show=as_it_is, read=read)


def choice(name: str, among: type[Choices], about: str, path: tuple[str, ...] = ()) -> Column:
    """One word of a vocabulary."""
    words = [str(word) for word in among.values]

    def read(written: str) -> str:
        word = written.strip().lower()
        if word not in words:
            raise CellRefusedError(f"Use one of: {', '.join(words)}.")
        return word

    return Column(name, f"{about} {', '.join(words)}", path or (name,), read=read)


def flag(name: str, about: str, path: tuple[str, ...] = ()) -> Column:
    """Yes, no or unknown."""
    return Column(name, about, path or (name,), show=shown_flag, read=read_flag)


def shown_flag(value: bool | None) -> str:  # noqa: FBT001 - it is what is shown
    """Yes, no, or empty for unknown."""
    return "" if value is None else YES if value else NO


def read_flag(written: str) -> bool | None:
    """Yes, no, or None for an empty cell.

    Raises:
        CellRefusedError: it is none of these.
    """
    word = written.strip().lower()
    if not word:
        return None
    if word not in SAID:
        raise CellRefusedError("Use yes or no; leave it empty if unknown.")
    return SAID[word]


def read_listed(written: str) -> bool:
    """Whether anyone may find it: to be said.

    Raises:
        CellRefusedError: it is neither yes nor no.
    """
    said = read_flag(written)
    if said is None:
        raise CellRefusedError("Use yes, or no to take it off every list.")
    return said


LISTED = Column(
    "listed", "yes, or no: off every list", ("listed",), show=shown_flag, read=read_listed
)


def count(name: str, about: str, path: tuple[str, ...] = ()) -> Column:
    """A whole number or nothing."""
    return Column(name, about, path or (name,), show=as_it_is, read=read_count)


def read_count(written: str) -> int | None:
    """A whole number, or None for an empty cell.

    Raises:
        CellRefusedError: it is no whole number of at most four digits.
    """
    digits = written.strip().removesuffix(".0")
    if not digits:
        return None
    if not re.fullmatch(r"[0-9]{1,4}", digits):
        raise CellRefusedError("Use a whole number such as 18, or leave it empty.")
    return int(digits)


def read_degrees(written: str) -> float | None:
    """Degrees, or None for an empty cell.

    Raises:
        CellRefusedError: it is no number.
    """
    number = written.strip()
    if not number:
        return None
    try:
        degrees = float(number.replace("−", "-"))
    except ValueError:
        degrees = math.nan
    if not math.isfinite(degrees):
        raise CellRefusedError("Use degrees with a point, such as 39.9526 or -75.1652.")
    return degrees


def read_words(written: str) -> list[str]:
    """The words of a cell, with commas between."""
    return [part.strip() for part in written.split(",") if part.strip()]


def shown_words(words: Iterable[str]) -> str:
    """Words with commas between."""
    return ", ".join(words)


def read_or_none(written: str) -> str | None:
    """A text without blanks around it, or None for an empty cell."""
    return written.strip() or None
