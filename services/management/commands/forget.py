"""``./manage.py forget``: forget what is over, as a worker does every four hours."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from services.purging import purge_all


class Command(BaseCommand):
    """Forgets, and tells how much. After a restore: what a backup held may be over by now."""

    help = "Forget what is over (docs/retention.md); to be run after a restore from a backup"

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Forget, and tell how many rows of each table."""
        for name, gone in purge_all(timezone.now()).items():
            if gone:
                self.stdout.write(f"{name}: {gone:,}")
        self.stdout.write("All that was over is forgotten.")
