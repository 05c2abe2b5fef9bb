"""Texts that a spreadsheet would run, or could not hold, and their way back.

A CSV file has no types: a cell that begins with ``=`` is a formula to whatever opens it, and the
text may have come from anybody. Such a text gets an apostrophe before it, which is taken off again
when the file comes back. Only texts of that shape are touched, so no other apostrophe is lost; and
if a spreadsheet swallows the apostrophe, the text is still the same.

XML cannot hold every character. XLSX has its own escape for those, ``_x000B_``, which spreadsheets
read and write; the escape itself, where somebody typed it, is escaped too.
"""

import re

# What no reader shows may stand before the sign that makes a formula: blanks, controls, marks of
# direction. The full-width signs count as the plain ones where people type in Japanese.
UNSEEN = r"[\s\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]*"
STARTS_A_FORMULA = rf"(?:{UNSEEN}[=+\-@＝＋－＠]|[\t\r\n])"
AS_TOLD = re.compile(rf"'*{STARTS_A_FORMULA}")
AS_WRITTEN = re.compile(rf"'+{STARTS_A_FORMULA}")

NOT_IN_XML = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)"
)
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def neutralised(text: str) -> str:
    """A text as a CSV cell that no spreadsheet takes for a formula."""
    return f"'{text}" if AS_TOLD.match(text) else text


def as_told(cell: str) -> str:
    """The text that ``neutralised`` made a CSV cell of."""
    return cell[1:] if AS_WRITTEN.match(cell) else cell


def xlsx_escaped(text: str) -> str:
    """A text that XML can hold. A carriage return is escaped: XML makes a new line of it."""
    return NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def xlsx_unescaped(text: str) -> str:
    """The text that ``xlsx_escaped``, or a spreadsheet, wrote."""
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
