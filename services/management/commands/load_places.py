"""./manage.py load_places: postal codes and cities from fixtures/places."""

from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from services.imports.progress import bar
from services.places import cities, load_places, postal_codes

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "places"
ZIPS, CITIES = "us_zcta_centroids.csv.gz", "cities500_us_ca_pr.csv.gz"


class Command(BaseCommand):
    """Loads the tables that searches by ZIP or city, and imports, look places up in."""

    help = "Loads postal codes and cities; a second time it changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """The folder to read, and whether to show progress."""
        parser.add_argument("--folder", type=Path, default=FOLDER)
        parser.add_argument("--no-progress", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read both tables and make the database agree with them."""
        folder: Path = options["folder"]
        both = chain(postal_codes(folder / ZIPS), cities(folder / CITIES))
        try:
            added, removed = load_places(bar(both, "places", quiet=options["no_progress"]))
        except (OSError, KeyError, ValueError) as error:
            raise CommandError(f"The places cannot be read: {error}") from error
        self.stdout.write(f"Places: {added} added, {removed} removed.")
