"""``./manage.py undo_account``: put back what one account did, from a shell."""

import datetime as dt
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from services.models import User
from services.undoing import UndoRefusedError, undo_account


class Command(BaseCommand):
    """Undoes what an account did since a moment."""

    help = "Undo an account's acts: ./manage.py undo_account <username> --since 2026-11-23T14:00Z"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose acts, and from when on."""
        parser.add_argument("username")
        parser.add_argument("--since", type=_moment, required=True, help="a time with its offset")
        parser.add_argument("--by", help="the moderator whose name the history shall bear")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Undo it and say what came of it."""
        account = _account(options["username"])
        by = _account(options["by"]) if options["by"] else None
        if by is not None and not by.moderates:
            raise CommandError("--by: this account is no moderator.")
        try:
            done = undo_account(account=account, since=options["since"], by=by)
        except UndoRefusedError as error:
            raise CommandError(f"--{error.field}: {error}") from error
        self.stdout.write(
            f"{done.change_sets} change sets put back, {done.closings} closings ended, "
            f"{done.reports} reports taken back, {done.held} waiting changes rejected."
        )
        for part in done.skipped:
            self.stdout.write(f"left as it is: {part} ({part.id}): {part.why}")


def _account(username: str) -> User:
    account = User.objects.filter(username=username).first()
    if account is None:
        raise CommandError("No account has this name.")
    return account


def _moment(text: str) -> dt.datetime:
    moment = parse_datetime(text)
    if moment is None or timezone.is_naive(moment):
        raise ArgumentTypeError("give a time with offset, such as 2026-11-23T14:00:00-05:00")
    return moment
