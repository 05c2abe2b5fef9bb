"""``./manage.py export_listings``: sites or services as CSV or XLSX, to the standard output."""

import sys
import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from services.exchange.writing import SHEETS, Form, export
from services.models import Organization, Service, Site


class Command(BaseCommand):
    """Writes a file that ``import_listings`` and the admin take back."""

    help = "Export listings: ./manage.py export_listings --form xlsx sites > sites.xlsx"

    def add_arguments(self, parser: CommandParser) -> None:
        """What to export."""
        parser.add_argument("sheet", choices=list(SHEETS))
        parser.add_argument("--organization", help="its id or name; default: all")
        parser.add_argument("--form", choices=[form.value for form in Form], default=Form.CSV)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the file."""
        rows: Any = (Site if options["sheet"] == "sites" else Service).objects.all()
        if named := options["organization"]:
            field = "organization" if options["sheet"] == "sites" else "site__organization"
            rows = rows.filter(**{field: _organization(named)})
        out = getattr(self.stdout, "buffer", sys.stdout.buffer)
        for piece in export(
            SHEETS[options["sheet"]], rows, Form(options["form"]), now=timezone.now()
        ):
            out.write(piece)


def _organization(named: str) -> Organization:
    try:
        found = list(Organization.objects.filter(pk=uuid.UUID(named)))
    except ValueError:
        found = list(Organization.objects.filter(name=named))
    if not found:
        raise CommandError("No organization has this id or name.")
    if len(found) > 1:
        ids = ", ".join(str(one.pk) for one in found)
        raise CommandError(f"Several organizations have this name. Give an id: {ids}")
    return found[0]
