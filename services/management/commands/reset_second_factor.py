"""``./manage.py reset_second_factor <username>``: for somebody who lost their phone."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from services.models import User
from services.second_factor import reset_second_factor


class Command(BaseCommand):
    """Forgets an account's authenticator app."""

    help = "Forget an account's authenticator app; it sets up another one at the next sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose."""
        parser.add_argument("username")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Forget it and say so."""
        account = User.objects.filter(username=options["username"]).first()
        if account is None:
            raise CommandError("There is no account of this name.")
        had = reset_second_factor(account=account)
        self.stdout.write("The app is forgotten." if had else "This account had no app.")
