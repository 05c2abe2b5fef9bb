"""``./manage.py retention``: the tables of docs/retention.md, as they are declared."""

from typing import Any

from django.core.management.base import BaseCommand

from services.retention import table_in_words


class Command(BaseCommand):
    """Prints how long everything is kept."""

    help = "Print how long each table and folder is kept, as docs/retention.md tells it"

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print it."""
        self.stdout.write(table_in_words())
