"""./manage.py load_fixtures: the places and every published feed of fixtures/."""

from functools import partial
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from services.imports.fixtures import FIXTURES
from services.imports.problems import ImportProblemError
from services.imports.progress import bar
from services.imports.runs import import_file
from services.models import Service, Site

SHOWN = ("read", "created", "merged", "changed", "unchanged", "refused", "not_ours")


class Command(BaseCommand):
    """Fills an empty database with real facilities; a second time it changes nothing."""

    help = "Loads places and all feeds of fixtures/."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to show progress."""
        parser.add_argument("--no-progress", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load the places, then each feed, and say what came of it."""
        quiet: bool = options["no_progress"]
        call_command("load_places", no_progress=quiet, stdout=self.stdout)
        self.stdout.write(f"{'':<24}" + "".join(f"{name:>11}" for name in SHOWN) + "   seconds")
        for reader, path in FIXTURES:
            try:
                counted = partial(bar, what=path.name[:30], quiet=quiet)
                report = import_file(reader, path, counted=counted)
            except ImportProblemError as problem:
                raise CommandError(f"{path.name}: {problem}") from None
            counts = "".join(f"{report.counts[name]:>11,}" for name in SHOWN)
            self.stdout.write(f"{report.source:<24}{counts}{report.seconds:>10.1f}")
        sites, services = Site.objects.listed().count(), Service.objects.listed().count()
        self.stdout.write(f"Listed now: {sites:,} sites with {services:,} services.")
