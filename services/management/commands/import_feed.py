"""./manage.py import_feed <reader> <file>: one published file into sites and services."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from services.imports.feeds import READERS
from services.imports.problems import ImportProblemError
from services.imports.progress import bar
from services.imports.report import Report
from services.imports.runs import import_file


class Command(BaseCommand):
    """Imports a file, and prints what came of each row."""

    help = "Imports a feed's file. The same file again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which reader and file, and how to report."""
        parser.add_argument("reader", choices=sorted(READERS))
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--accept-loss",
            action="store_true",
            help="Go on although the file drops more than 20 %% of the feed's services.",
        )
        parser.add_argument("--json", action="store_true", help="Print the report as JSON.")
        parser.add_argument("--no-progress", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import, print the report, and fail loudly if nothing was applied."""
        try:
            report = import_file(
                options["reader"],
                options["file"],
                accept_loss=options["accept_loss"],
                counted=lambda rows: bar(rows, options["reader"], quiet=options["no_progress"]),
            )
        except ImportProblemError as problem:
            if problem.report:
                self._print(problem.report, as_json=options["json"])
            raise CommandError(problem.report.message if problem.report else str(problem)) from None
        self._print(report, as_json=options["json"])

    def _print(self, report: Report, *, as_json: bool) -> None:
        text = json.dumps(report.as_json(), ensure_ascii=False, indent=1)
        self.stdout.write(text if as_json else report.as_text())
