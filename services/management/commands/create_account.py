"""``./manage.py create_account``: an account with a role and a token, for scripts."""

import difflib
import secrets
import sys
import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from services.accounts import AccountRefusedError, create_account
from services.models import DeviceToken, Organization
from services.vocabulary import CLINIC_ROLES, Role


class Command(BaseCommand):
    """Makes an account, or adds a role to one. Prints its token, and nothing else, to stdout."""

    help = "TOKEN=$(./manage.py create_account --role clinic_admin --organization 'North Clinic')"

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, in which role, where."""
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--organization", default="", help="its id or exact name")
        parser.add_argument("--username", default="", help="default: the role and some letters")
        parser.add_argument("--device", default="command", help="what its token is named after")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read a password to sign in with from the first line of stdin",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make it and print the token."""
        role = Role(options["role"])
        organization = _organization(options["organization"], role)
        username = options["username"] or f"{role}-{secrets.token_hex(4)}"
        device = options["device"].strip()
        if not 0 < len(device) <= _longest_name():
            raise CommandError(f"--device: 1 to {_longest_name()} characters.")
        password = sys.stdin.readline().rstrip("\r\n") if options["password_stdin"] else ""
        if options["password_stdin"] and not password:
            raise CommandError("--password-stdin: there is no password on the first line.")
        try:
            with transaction.atomic():
                account = create_account(
                    username=username, role=role, organization=organization, password=password
                )
                _device, text = DeviceToken.objects.issue(user=account, name=device)
        except AccountRefusedError as error:
            option = "password-stdin" if error.field == "password" else error.field
            raise CommandError(f"--{option}: {error}") from None
        where = f", {organization}" if organization else ""
        self.stderr.write(f"{account.username}: {role.label}{where}")
        self.stdout.write(text)


def _longest_name() -> int:
    return DeviceToken._meta.get_field("name").max_length or 0


def _organization(asked: str, role: Role) -> Organization | None:
    if role not in CLINIC_ROLES:
        if asked:
            raise CommandError(f"--organization: the role {role} is in no organization.")
        return None
    if not asked:
        raise CommandError(f"--organization: the role {role} needs one, by id or exact name.")
    found = list(Organization.objects.filter(**_by(asked))[:10])
    if len(found) == 1:
        return found[0]
    if found:
        ids = "\n".join(f"  {row.pk}  {row.name}, {row.region}" for row in found)
        raise CommandError(f"--organization: several bear this name. Give an id:\n{ids}")
    raise CommandError(f"--organization: there is no such organization.{_close_to(asked)}")


def _by(asked: str) -> dict[str, Any]:
    try:
        return {"pk": uuid.UUID(asked)}
    except ValueError:
        return {"name": asked}


def _close_to(asked: str) -> str:
    names = dict.fromkeys(Organization.objects.values_list("name", flat=True))
    folded = {name.casefold(): name for name in names}
    close = difflib.get_close_matches(asked.casefold(), folded, n=5, cutoff=0.5)
    within = [name for key, name in folded.items() if asked.casefold() in key]
    meant = list(dict.fromkeys([*within, *(folded[key] for key in close)]))[:5]
    return " Close to it: " + "; ".join(meant) if meant else ""
