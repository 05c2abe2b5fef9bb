"""From the cells of a row to the changes it asks for, in the form of a PATCH body."""

import re
from collections.abc import Iterator
from typing import Any

from services.exchange.columns import Column
from services.exchange.limits import TOO_LONG
from services.exchange.lines import Problem
from services.exchange.problems import CellRefusedError
from services.exchange.sheets import Listing, Sheet
from services.exchange.table import Cell, Row

SAME_PLACE = 1e-7  # degrees, a centimetre: spreadsheets cut the last digits of a long number
MOST_NORTH, MOST_EAST = 90.0, 180.0
FIVE_DIGITS = 5  # of a US postal code
LINE_ENDS = re.compile(r"\r\n?")

# Where the domain names a field otherwise than its column.
COLUMN_OF = {
    "location": "latitude",
    "asam": "asam_levels",
    "moud_policy": "methadone_policy",
    "access": "",
    "hours": "",
}


def column_of_field(field: str) -> str:
    """The column in which to mend what the domain says of a field."""
    return COLUMN_OF.get(field, field.replace("hours.", "hours_"))


def shown(cell: Cell) -> str:
    """A cell as a text."""
    return "" if cell is None else str(cell)


def same_text(one: str, other: str) -> bool:
    """Whether two cells say the same; how a spreadsheet ends lines makes no difference."""
    return one == other or LINE_ENDS.sub("\n", one) == LINE_ENDS.sub("\n", other)


class Understanding:
    """What one row asks for. ``changes`` is right only if ``problems`` is empty."""

    def __init__(self, sheet: Sheet, row: Row, listing: Listing) -> None:
        self.changes: dict[str, Any] = {}
        self.problems = [Problem(column, why) for column, why in row.refusals.items()]
        self.notes: list[str] = []
        self._cells, self._listing = row.cells, listing
        is_new = listing.version == ""
        for column in sheet.columns:
            if column.name not in self._cells or column.name in row.refusals:
                continue
            if column.path:
                self._edit(column)
            elif not is_new:
                self._compare(column, fixed=column.name in sheet.chosen_once)
        if "location" in self.changes and not self.problems:
            self._place()

    def _edit(self, column: Column) -> None:
        text, stands = self._cells[column.name], column.value(self._listing)
        if same_text(text, shown(column.cell(self._listing))) or TOO_LONG.fullmatch(text):
            return
        try:
            value = self._read(column, text)
        except CellRefusedError as refusal:
            self.problems.append(Problem(refusal.column or column.name, str(refusal)))
            return
        if value != stands and not _same_place(column, value, stands):
            _set(self.changes, column.path, value)

    def _read(self, column: Column, text: str) -> Any:
        if self._listing.version == "" and text == "":
            return column.value(self._listing)  # what a new listing has by default
        if column.name == "postal_code":
            return self._postal_code(text, column)
        return column.read(text)

    def _postal_code(self, text: str, column: Column) -> Any:
        code = text.strip()
        if not self._in_the_us() or not code.isdecimal() or len(code) >= FIVE_DIGITS:
            return column.read(text)
        whole = code.zfill(FIVE_DIGITS)
        if whole == self._listing.content["postal_code"]:
            return whole
        raise CellRefusedError(
            f"It has five digits: {whole}? Spreadsheets take a zero off unless the column is text."
        )

    def _in_the_us(self) -> bool:
        stands = self._listing.content["country"]
        return bool(self._cells.get("country", stands).strip().upper() in {"US", ""})

    def _place(self) -> None:
        stands = self._listing.content["location"] or {}
        place = {"lat": None, "lon": None} | stands | self.changes["location"]
        lat, lon = place["lat"], place["lon"]
        if lat is None and lon is None:
            self.changes["location"] = None
            return
        self.changes["location"] = place
        for column, why in _wrong_place(lat, lon, self._in_the_us_or_canada()):
            self.problems.append(Problem(column, why))

    def _in_the_us_or_canada(self) -> bool:
        stands = self._listing.content["country"]
        return self.changes.get("country", stands) in {"US", "CA"}

    def _compare(self, column: Column, *, fixed: bool) -> None:
        """What is only told and comes back otherwise: refused where it would have meant much."""
        text, stands = self._cells[column.name], shown(column.cell(self._listing))
        if column.name in {"id", "version"} or column.name.startswith("availability_"):
            return
        if same_text(text.strip(), stands.strip()):
            return
        if fixed:
            why = "Chosen once: put back what was exported, or add a row with an empty id."
            self.problems.append(Problem(column.name, why))
        else:
            self.notes.append(f"{column.name} is only told: not read.")


def _set(changes: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    *parents, last = path
    for name in parents:
        changes = changes.setdefault(name, {})
    changes[last] = value


def _same_place(column: Column, value: Any, stands: Any) -> bool:
    if column.path[0] != "location" or value is None or stands is None:
        return False
    return bool(abs(value - stands) <= SAME_PLACE)


def _wrong_place(
    lat: float | None,
    lon: float | None,
    in_north_america: bool,  # noqa: FBT001
) -> Iterator[tuple[str, str]]:
    if lat is None or lon is None:
        yield "latitude" if lat is None else "longitude", "Give both numbers of the point, or none."
    elif abs(lat) > MOST_NORTH >= abs(lon) or (in_north_america and lat < 0 < lon):
        yield "latitude", "Latitude and longitude look swapped."
    elif abs(lat) > MOST_NORTH:
        yield "latitude", "Latitude is from -90 to 90 degrees."
    elif abs(lon) > MOST_EAST:
        yield "longitude", "Longitude is from -180 to 180 degrees."
