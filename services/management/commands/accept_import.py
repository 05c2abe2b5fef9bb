"""./manage.py accept_import <run>: apply an import that was held."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from services.imports.problems import ImportProblemError
from services.imports.progress import bar
from services.imports.runs import accept
from services.models import ImportRun


class Command(BaseCommand):
    """Applies a held import, for a person who knows that the loss is right."""

    help = "Applies an import that was held because it would retire many services."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which run."""
        parser.add_argument("run", help="The id that the held import printed")
        parser.add_argument("--json", action="store_true", help="Print the report as JSON.")
        parser.add_argument("--no-progress", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Apply it and print the report."""
        try:
            run = ImportRun.objects.get(pk=options["run"])
            report = accept(
                run, counted=lambda rows: bar(rows, run.feed, quiet=options["no_progress"])
            )
        except (ImportRun.DoesNotExist, ValidationError):
            raise CommandError("There is no such import run.") from None
        except ImportProblemError as problem:
            raise CommandError(str(problem)) from None
        text = json.dumps(report.as_json(), ensure_ascii=False, indent=1)
        self.stdout.write(text if options["json"] else report.as_text())
