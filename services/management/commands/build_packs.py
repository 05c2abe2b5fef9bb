"""./manage.py build_packs: the packs that phones take with them, those that are due or all."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from services.models import Pack
from services.packs.round import build_due


class Command(BaseCommand):
    """Builds packs by hand; a worker does it every ten minutes."""

    help = "Builds the packs of every region that changed since they were built."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to build all."""
        parser.add_argument("--all", action="store_true", help="also those that are as they were")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Build, and tell which."""
        if options["all"]:
            Pack.objects.update(made_by="")
        built = build_due(now=timezone.now()).built
        packs = Pack.objects.filter(region__in=built).defer("body")
        for pack in packs:
            self.stdout.write(f"{pack}: {pack.services} services, {pack.bytes_gzip} bytes gzipped")
        self.stdout.write(f"{len(built)} regions built.")
