"""A file as somebody sent it, read as a table; and whether its columns are those of a sheet."""

from services.exchange.csv_file import read_csv
from services.exchange.limits import OVER_THE_WEB, Limits
from services.exchange.problems import FileRefusedError, named
from services.exchange.sheets import Sheet
from services.exchange.table import Table
from services.exchange.xlsx_file import read_xlsx

ZIP, OLD_BINARY = (
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
)  # how XLSX files, and older or locked ones, begin


def read_table(content: bytes, limits: Limits = OVER_THE_WEB) -> Table:
    """The table in a file, CSV or XLSX: its first bytes say which, not its name.

    Raises:
        FileRefusedError: it is neither, or more than the limits.
    """
    if content.startswith(OLD_BINARY):
        raise FileRefusedError("An old .xls file, or one locked by a password: save it as .xlsx.")
    read = read_xlsx if content.startswith(ZIP) else read_csv
    return read(content, limits)


def check_columns(sheet: Sheet, table: Table) -> list[str]:
    """What to tell about the columns of a table: those that are missing, or not read.

    Raises:
        FileRefusedError: a column is none of the sheet's, or one is missing that must be there.
    """
    known, sent = set(sheet.header), set(table.header)
    if unknown := sorted(sent - known):
        raise FileRefusedError(
            f"Not a column of {sheet.name}: {named(unknown)}. "
            "Keep the names of the first row as they were exported."
        )
    if missing := sorted(sheet.needed - sent):
        raise FileRefusedError(f"Missing in the first row: {', '.join(missing)}. Export again.")
    notices = []
    if absent := [name for name in sheet.header if name in sheet.editable - sent]:
        notices.append(f"Not in the file, left as they are: {', '.join(absent)}.")
    if any(name.startswith("availability_") for name in sent):
        notices.append("The availability is not read from a file: report it instead.")
    return notices
