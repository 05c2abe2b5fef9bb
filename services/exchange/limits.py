"""How much of a file is read: enough for any organization, too little to drown the server."""

import re
from dataclasses import dataclass

MB = 1_000_000
CELL = 32_000  # characters; a spreadsheet's cell ends at 32,767
TOO_LONG = re.compile(r"\[[\d,]+ characters: too long for a spreadsheet, left as they are\]")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be.

    Attributes:
        size: bytes of the file.
        unpacked: bytes of an XLSX file's parts once unpacked; looked at before they are.
        rows, columns: of the sheet, its header not counted.
    """

    size: int = 10 * MB
    unpacked: int = 100 * MB
    rows: int = 100_000
    columns: int = 200


OVER_THE_WEB = Limits()
BY_COMMAND = Limits(size=200 * MB, unpacked=2_000 * MB)  # for who has a shell on the server anyway


def length(text: str) -> int:
    """Characters as a spreadsheet counts them: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def stands_for_itself(text: str) -> str:
    """The text, or where it is longer than a cell can be, words that leave it as it is."""
    if len(text) * 2 <= CELL or length(text) <= CELL:
        return text
    return f"[{length(text):,} characters: too long for a spreadsheet, left as they are]"
