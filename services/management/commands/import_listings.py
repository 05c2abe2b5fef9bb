"""``./manage.py import_listings``: what a file of listings would change, and, if asked, do it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from services.exchange.applying import apply
from services.exchange.limits import BY_COMMAND
from services.exchange.lines import Line, Outcome, Plan
from services.exchange.planning import plan
from services.exchange.problems import FileRefusedError
from services.exchange.reading import read_table
from services.exchange.writing import SHEETS
from services.models import User


class Command(BaseCommand):
    """Imports sites or services as an account, which the history names."""

    help = "Preview a file of listings: ./manage.py import_listings sites.csv --as maria [--apply]"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which file, as whom."""
        parser.add_argument("file", type=Path, help="CSV or XLSX, as export_listings writes it")
        parser.add_argument("--as", dest="account", required=True, help="the account's username")
        parser.add_argument("--apply", action="store_true", help="do it; else it is only told")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Tell what comes of each row, unchanged ones only counted."""
        account = User.objects.filter(username=options["account"], is_active=True).first()
        if account is None:
            raise CommandError("No active account has this username.")
        try:
            table = read_table(options["file"].read_bytes(), BY_COMMAND)
            sheet = SHEETS["services" if "kind" in table.header else "sites"]
            act = apply if options["apply"] else plan
            done = act(sheet, table, account=account, now=timezone.now())
        except OSError as error:
            raise CommandError(f"Cannot read the file: {error.strerror}.") from None
        except FileRefusedError as refusal:
            raise CommandError(str(refusal)) from None
        self._tell(done, applied=options["apply"])

    def _tell(self, done: Plan, *, applied: bool) -> None:
        for notice in done.notices:
            self.stdout.write(f"Note: {notice}")
        for line in done.lines:
            for told in _told(line):
                self.stdout.write(told)
        counts = ", ".join(f"{done.count(outcome):,} {outcome}" for outcome in Outcome)
        self.stdout.write(f"{len(done.lines):,} rows: {counts}.")
        if done.writes and not applied:
            self.stdout.write("Nothing was written. Add --apply to do it.")


def _told(line: Line) -> Iterator[str]:
    if line.outcome is not Outcome.UNCHANGED:
        yield f"Row {line.number}, {line.title}: {line.outcome}"
    for one in line.differences:
        waits = f" (waits: {one.waits})" if one.waits else ""
        yield f"  {one.column}: {one.old!r} → {one.new!r}{waits}"
    for problem in line.problems:
        yield f"  {problem.column or 'row'}: {problem.message}"
    for note in line.notes:
        yield f"  row {line.number}: {note}"
