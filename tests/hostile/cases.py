"""What a hostile file is, and what must come of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Cells = Mapping[str, str]  # of the only listing, as it was exported


@dataclass(frozen=True)
class HostileSheet:
    """A spreadsheet. Whatever it comes to, nothing is written.

    Attributes:
        make: the file, given the row of the only site as it stands.
        says: what the refusal of the whole file says; empty if its rows are judged.
        refused: by row number, the column that is refused; the rows not named are unchanged.
    """

    name: str
    make: Callable[[Cells], bytes]
    says: str = ""
    refused: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class HostileFeed:
    """A file of a feed.

    Attributes:
        says: what the refusal of the whole file says; empty if it is applied.
        refused: by row number, words of the reason; the rows not named are listed.
        warned: by row number, words of a warning; what it tells of was left out.
    """

    name: str
    reader: str
    make: Callable[[], bytes]
    says: str = ""
    refused: Mapping[int, str] = field(default_factory=dict)
    warned: Mapping[int, str] = field(default_factory=dict)
