"""./manage.py migrate: Django's own, and it holds nobody up while it waits for a lock."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections

from services.migrating import LOCK_S, TRIES, LocksHeldError, with_tries

GAVE_UP = (
    "Gave up: after {tries} tries somebody still holds a lock that a migration needs. That "
    "migration is undone as a whole, those before it stay. Who holds locks for long: SELECT pid, "
    "xact_start, query FROM pg_stat_activity WHERE xact_start < now() - interval '1 minute'. Let "
    "them end, or end them, then migrate again."
)


class Command(Migrate):
    """Migrates, with a bound on each wait for a lock, and some tries."""

    def add_arguments(self, parser: CommandParser) -> None:
        """How long, and how often."""
        super().add_arguments(parser)
        parser.add_argument(
            "--lock-seconds", type=float, default=LOCK_S, help="Wait for a lock so long each time."
        )
        parser.add_argument("--lock-tries", type=int, default=TRIES, help="Try so often.")

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Migrate."""
        lock_s, tries = options.pop("lock_seconds", LOCK_S), options.pop("lock_tries", TRIES)
        try:
            with_tries(
                lambda: super(Command, self).handle(*arguments, **options),
                connections[options["database"]],
                lambda text: self.stderr.write(self.style.WARNING(text)),
                lock_s=lock_s,
                tries=tries,
            )
        except LocksHeldError as error:
            raise CommandError(GAVE_UP.format(tries=tries)) from error
