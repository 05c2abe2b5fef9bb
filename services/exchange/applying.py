"""Doing what a file asks for: each row whole or not at all, none in the way of the others."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable

from django.db import DataError, IntegrityError, transaction

from services.editing import EditRefusedError
from services.exchange.adding import add_listing, lock_organization
from services.exchange.lines import WRITES, Line, Outcome, Plan, Problem
from services.exchange.planning import NOBODYS, OUTDATED, Planner, check_rows, problems_of
from services.exchange.problems import CellRefusedError
from services.exchange.reading import check_columns
from services.exchange.sheets import Sheet
from services.exchange.table import Row, Table
from services.listing_edits import edit_listing
from services.models import Service, Site, User
from services.versions import VersionMismatchError

CANNOT_BE = "The database refuses it: shorten what is long, and look for what stands twice."


def apply(
    sheet: Sheet,
    table: Table,
    *,
    account: User,
    now: dt.datetime,
    counted: Callable[[int], object] = lambda _number: None,
) -> Plan:
    """Do what a table asks for. Each row is judged anew: much may have happened since its preview.

    Args:
        sheet: what its rows are.
        table: of ``read_table``.
        account: who asks; the history names them.
        now: aware.
        counted: told the number of each row when it is done.

    Returns:
        What came of each row.

    Raises:
        FileRefusedError: its columns are not those of the sheet.
    """
    notices = check_columns(sheet, table)
    check_rows(sheet, table, account)
    rows = {row.number: row for row in table.rows}
    planner, done = Planner(sheet, account, now), []
    for line in planner.lines(table.rows):
        writes = line.outcome in WRITES
        done.append(_done(planner, line, rows[line.number], account) if writes else line)
        counted(line.number)
    return Plan(done, notices)


def _done(planner: Planner, line: Line, row: Row, account: User) -> Line:
    try:
        with transaction.atomic():
            if line.listing is None:
                return _added(planner, row, account)
            return _edited(planner, line, line.listing, account)
    except EditRefusedError as refusal:
        problems = problems_of(refusal)
    except CellRefusedError as refusal:
        problems = [Problem(refusal.column, str(refusal))]
    except VersionMismatchError:
        problems = [Problem("version", OUTDATED)]
    except (Site.DoesNotExist, Service.DoesNotExist):
        problems = [Problem("id", NOBODYS)]
    except (IntegrityError, DataError):
        problems = [Problem("", CANNOT_BE)]
    return dataclasses.replace(line, outcome=Outcome.REFUSED, problems=problems)


def _edited(planner: Planner, line: Line, pk: uuid.UUID, account: User) -> Line:
    done = edit_listing(
        model=planner.sheet.model,
        pk=pk,
        changes=line.changes,
        account=account,
        versions={line.version},
    )
    waits = {field: held.reasons[0] for held in done.held for field in held.changes}
    return dataclasses.replace(
        line,
        outcome=Outcome.HELD if waits else Outcome.CHANGED,
        differences=planner.sheet.waiting(line.differences, waits),
    )


def _added(planner: Planner, row: Row, account: User) -> Line:
    """Look again under the lock: somebody may just have added the same."""
    lock_organization(planner.sheet.blank(row.cells, account))
    line = planner.new(row)
    if line.outcome is not Outcome.NEW:
        return line
    listing = planner.sheet.blank(row.cells, account)
    add_listing(listing=listing, content=line.changes, account=account)
    return dataclasses.replace(line, listing=listing.pk)
