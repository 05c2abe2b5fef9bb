"""What a file would do, without doing it: the preview."""

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.content import owner_of, with_changes
from services.dangers import dangers
from services.editing import EditRefusedError
from services.exchange.lines import Difference, Line, Outcome, Plan, Problem
from services.exchange.problems import CellRefusedError, FileRefusedError, visible
from services.exchange.reading import check_columns
from services.exchange.sheets import Listing, Sheet, batches
from services.exchange.table import Row, Table
from services.exchange.understanding import Understanding, column_of_field, shown
from services.models import User
from services.patching import real_changes

NOBODYS = "No listing of yours has this id. For a new one leave the id empty."
OUTDATED = "Somebody changed it since the file was exported. Export again, and edit that file."
MOST_NEW = 200  # rows that a file adds
SOME = 100  # rows about listings that are not the account's, each of which is told
TWICE = "Another row of the file has the same id. Keep one."


def plan(sheet: Sheet, table: Table, *, account: User, now: dt.datetime) -> Plan:
    """What a table comes to, row by row; nothing is written.

    Args:
        sheet: what its rows are.
        table: of ``read_table``.
        account: whose listings they must be.
        now: aware.

    Raises:
        FileRefusedError: its columns are not those of the sheet.
    """
    notices = check_columns(sheet, table)
    check_rows(sheet, table, account)
    return Plan(list(Planner(sheet, account, now).lines(table.rows)), notices)


def check_rows(sheet: Sheet, table: Table, account: User) -> None:
    """Refuse more rows than the account can mean: each is looked up.

    Raises:
        FileRefusedError: with the numbers.
    """
    place = table.header.index("id")
    new = sum(not row.texts[place].strip() for row in table.rows)
    if new > MOST_NEW:
        raise FileRefusedError(f"More than {MOST_NEW} new rows: add them in several files.")
    if (known := len(table.rows) - new) <= SOME:
        return
    if known > (mine := sheet.model.objects.editable_by(account).count()) + SOME:
        raise FileRefusedError(
            f"It names {known:,} {sheet.name}, and you may edit {mine:,}: export again."
        )


class Planner:
    """Plans the rows of one file, which count together."""

    def __init__(self, sheet: Sheet, account: User, now: dt.datetime) -> None:
        self.sheet, self._account, self._now = sheet, account, now
        self._touched: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)  # by organization

    def lines(self, rows: Sequence[Row]) -> Iterator[Line]:
        """What comes of each row, in order."""
        ids = {row.number: _id_of(row.cells["id"]) for row in rows}
        twice = {pk for pk, count in Counter(ids.values()).items() if pk and count > 1}
        for some in batches(rows):
            found = self._mine([pk for row in some if (pk := ids[row.number])])
            for row in some:
                pk = ids[row.number]
                if not row.cells["id"].strip():
                    yield self.new(row)
                elif pk in twice or pk not in found:
                    yield _refused(row, "id", TWICE if pk in twice else NOBODYS)
                else:
                    yield self.edit(row, found[pk])

    def _mine(self, ids: list[uuid.UUID]) -> dict[uuid.UUID, Listing]:
        mine = self.sheet.model.objects.editable_by(self._account).filter(pk__in=ids)
        keys = list(mine.values_list("pk", flat=True))
        return {one.row.pk: one for one in self.sheet.listings(keys, self._now)}

    def edit(self, row: Row, listing: Listing) -> Line:
        """What comes of a row about a listing that stands."""
        asked = Understanding(self.sheet, row, listing)
        told: dict[str, Any] = {
            "number": row.number,
            "listing": listing.row.pk,
            "title": str(listing.row),
            "version": row.cells["version"].strip().removeprefix("v"),
            "notes": asked.notes,
        }
        if asked.problems:
            return Line(outcome=Outcome.REFUSED, problems=asked.problems, **told)
        try:
            real = (
                real_changes(listing.row, listing.content, asked.changes) if asked.changes else {}
            )
        except EditRefusedError as refusal:
            return Line(outcome=Outcome.REFUSED, problems=problems_of(refusal), **told)
        if not real:
            return Line(outcome=Outcome.UNCHANGED, **told)
        if told["version"] != listing.version:
            problem = Problem("version", OUTDATED)
            return Line(outcome=Outcome.REFUSED, problems=[problem], **told)
        waits = self._waits(listing, real)
        differences = self.sheet.waiting(list(self._differences(listing, real)), waits)
        outcome = Outcome.HELD if waits else Outcome.CHANGED
        return Line(outcome=outcome, changes=real, differences=differences, **told)

    def _waits(self, listing: Listing, real: Mapping[str, Any]) -> dict[str, str]:
        """Why fields of an edit wait for a second person, by field."""
        if self._account.moderates:
            return {}
        touched = self._touched[owner_of(listing.row)]
        found = dangers(
            listing.row, listing.content, real, account=self._account, now=self._now, beside=touched
        )
        waits = {field: reason for reason, fields in found.items() for field in fields}
        if set(real) - set(waits):
            touched.add(listing.row.pk)
        return waits

    def new(self, row: Row) -> Line:
        """What comes of a row without an id."""
        told: dict[str, Any] = {"number": row.number, "title": _title(row)}
        try:
            blank = self.sheet.blank(row.cells, self._account)
        except CellRefusedError as refusal:
            return _refused(row, refusal.column, str(refusal))
        listing = Listing(blank, self.sheet.content(blank), "", self._now)
        asked = Understanding(self.sheet, row, listing)
        if asked.problems:
            return Line(outcome=Outcome.REFUSED, problems=asked.problems, **told)
        try:
            real = new_content(blank, listing.content, asked.changes)
        except EditRefusedError as refusal:
            return Line(outcome=Outcome.REFUSED, problems=problems_of(refusal), **told)
        differences = list(self._differences(listing, real))
        return Line(outcome=Outcome.NEW, changes=real, differences=differences, **told)

    def _differences(self, listing: Listing, real: Mapping[str, Any]) -> Iterator[Difference]:
        content = with_changes(listing.content, real)
        becomes = Listing(listing.row, content, listing.version, self._now)
        for column in self.sheet.columns:
            if column.path and column.path[0] in real:
                old, new = (shown(column.cell(one)) for one in (listing, becomes))
                if old != new:
                    yield Difference(column.name, old, new)


def new_content(
    blank: Any, content: Mapping[str, Any], changes: Mapping[str, Any]
) -> dict[str, Any]:
    """What a new listing says, as it is going to be kept.

    Raises:
        EditRefusedError: it cannot be true.
    """
    return real_changes(blank, content, {**changes, "listed": changes.get("listed", True)})


def problems_of(refusal: EditRefusedError) -> list[Problem]:
    """What the domain found wrong, by column."""
    return [Problem(column_of_field(one.field), str(one)) for one in (refusal, *refusal.more)]


def _refused(row: Row, column: str, why: str) -> Line:
    return Line(row.number, Outcome.REFUSED, title=_title(row), problems=[Problem(column, why)])


def _title(row: Row) -> str:
    return visible(row.cells.get("name", ""))


def _id_of(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text.strip())
    except ValueError:
        return None
