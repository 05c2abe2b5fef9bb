"""How much of a file is read: enough for any organization, too little to drown the server."""

import re
from dataclasses import dataclass

MB = 1_000_000
CELL = 32_000  # characters; a spreadsheet's cell ends at 32,767
TOO_LONG = re.compile(r"\[[\d,]+ characters: too long for a spreadsheet, left as they are\]")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be. What reading it costs follows from these.

    Attributes:
        size: bytes of the file.
        unpacked: bytes of an XLSX file's parts once unpacked; looked at before they are.
        rows, columns: of the sheet, its header not counted.
        cells: rows times columns of its header, and filled cells of an XLSX file.
    """

    size: int = 10 * MB
    unpacked: int = 40 * MB
    rows: int = 20_000
    columns: int = 200
    cells: int = 150_000

    def marks_of(self, size: int) -> int:
        """Signs of markup in the table and texts of an XLSX file of this size in bytes.

        There are eight for a cell with its text; real tables have two in a byte of the file.
        """
        return min(8 * self.cells, max(FEW, size * MOST_MARKED))

    @property
    def text(self) -> int:
        """Bytes of memory for an XLSX file's shared texts."""
        return self.unpacked

    def unpacked_of(self, size: int) -> int:
        """Bytes that a file of this size may unpack to: what is small packed is small unpacked."""
        return min(self.unpacked, max(SMALL, size * MOST_PACKED))


SMALL = 40 * MB
MOST_PACKED = 25  # times; tables of real listings pack to a tenth
FEW, MOST_MARKED = 1_200_000, 4
OVER_THE_WEB = Limits()
# For who has a shell on the server anyway: as much as all listings of a country.
BY_COMMAND = Limits(size=50 * MB, unpacked=400 * MB, rows=100_000, cells=7_000_000)


def length(text: str) -> int:
    """Characters as a spreadsheet counts them: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def stands_for_itself(text: str) -> str:
    """The text, or where it is longer than a cell can be, words that leave it as it is."""
    if len(text) * 2 <= CELL or length(text) <= CELL:
        return text
    return f"[{length(text):,} characters: too long for a spreadsheet, left as they are]"
