"""The files under fixtures/, and which reader reads each, in the order they are loaded."""

from pathlib import Path
from typing import NamedTuple

from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "fixtures"


class Fixture(NamedTuple):
    """One published file of the demo."""

    reader: str
    path: Path


FIXTURES = (
    Fixture("samhsa_directory", FOLDER / "samhsa-national-directory" / "facilities.csv.gz"),
    Fixture("samhsa_otp", FOLDER / "samhsa-otp-2021" / "Opioid_Treatment_Directory_Geocoded.csv"),
    Fixture(
        "samhsa_moud",
        FOLDER / "samhsa-moud-2020" / "us-wide-moudsCleaned.SAMHSA-rows.csv.gz",
    ),
    Fixture("samhsa_directory", FOLDER / "findtreatment-api-sample" / "locations.json"),
    Fixture("toronto", FOLDER / "toronto-substance-use" / "Substance Use Treatment.csv"),
    Fixture("vancouver", FOLDER / "vancouver-naloxone-pharmacies" / "vancouver-pharmacies.csv"),
)
