"""``./manage.py report_link``: a link to report by, for scripts and for support."""

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from services.models import Site
from services.reporting_links import make_link, url_of


class Command(BaseCommand):
    """Prints a fresh link. Whoever has it can report for the site until it ends."""

    help = "Print a link that reports the availability at a site: ./manage.py report_link <id>"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which site."""
        parser.add_argument("site", type=uuid.UUID, help="the site's id")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it."""
        site = Site.objects.listed().filter(pk=options["site"]).first()
        if site is None:
            raise CommandError("There is no such listed site: GET /api/v1/sites/ lists their ids.")
        self.stdout.write(url_of(make_link(site=site, now=timezone.now())))
