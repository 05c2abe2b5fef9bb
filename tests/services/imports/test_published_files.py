"""The published files themselves: small ones whole, large ones by a slice of one state."""

import copy
import csv
import functools
import gzip
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from services.imports.fixtures import FOLDER
from services.imports.runs import import_file
from services.models import ImportRun, Place, Service, Site
from services.places import cities, load_places, postal_codes
from services.vocabulary import Kind
from tests.services.imports.files import a_csv, a_facility

PLACES = FOLDER / "places"
DIRECTORY = FOLDER / "samhsa-national-directory" / "facilities.csv.gz"
OTP = FOLDER / "samhsa-otp-2021" / "Opioid_Treatment_Directory_Geocoded.csv"
MOUD = FOLDER / "samhsa-moud-2020" / "us-wide-moudsCleaned.SAMHSA-rows.csv.gz"
FOUND = FOLDER / "findtreatment-api-sample" / "locations.json"
TORONTO = FOLDER / "toronto-substance-use" / "Substance Use Treatment.csv"
VANCOUVER = FOLDER / "vancouver-naloxone-pharmacies"


@functools.cache
def some_places() -> tuple[Place, ...]:
    """Rhode Island, the country around Charlottesville, Ontario and British Columbia."""
    zips = postal_codes(PLACES / "us_zcta_centroids.csv.gz")
    towns = cities(PLACES / "cities500_us_ca_pr.csv.gz")
    codes = ("028", "029", "229", "230", "231", "244", "228")
    return (
        *(place for place in zips if place.name.startswith(codes)),
        *(place for place in towns if place.region in ("RI", "VA", "ON", "BC")),
    )


@pytest.fixture
def real_places(db: None) -> None:
    fresh = copy.deepcopy(some_places())
    assert load_places(fresh) == (len(fresh), 0)


def of_rhode_island(folder: Path, path: Path, column: str) -> Path:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8", errors="replace"), newline="")))
    return a_csv(folder, *[row for row in rows if row[column] == "RI"])


@pytest.mark.usefixtures("real_places")
def test_three_feeds_of_one_state_agree_on_its_methadone_clinics(tmp_path: Path) -> None:
    import_file("samhsa_directory", of_rhode_island(tmp_path, DIRECTORY, "state"))
    otp = import_file("samhsa_otp", of_rhode_island(tmp_path, OTP, "STATE"))
    moud = import_file("samhsa_moud", of_rhode_island(tmp_path, MOUD, "state"))
    assert otp.counts["merged"] > 10
    assert moud.counts["merged"] > moud.counts["created"]
    shown = Service.objects.listed().filter(kind=Kind.METHADONE)
    assert 15 <= shown.count() <= 35
    assert all(service.source_records.exists() for service in shown)
    placed = Site.objects.listed().filter(services__kind=Kind.METHADONE)
    assert placed.exclude(location_accuracy="postal_code").count() > placed.count() / 2


@pytest.mark.usefixtures("real_places")
def test_the_findtreatment_page(tmp_path: Path) -> None:
    report = import_file("samhsa_directory", FOUND)
    assert report.counts["read"] == 30
    assert report.counts["refused"] == 0
    names = Site.objects.filter(services__kind=Kind.METHADONE).values_list("name", flat=True)
    assert set(names) == {"Addiction Recovery Systems LLC", "Staunton Treatment Center"}


@pytest.mark.usefixtures("real_places")
def test_toronto_as_published() -> None:
    report = import_file("toronto", TORONTO)
    assert (report.counts["read"], report.counts["refused"]) == (56, 0)
    assert 30 <= report.counts["created"] + report.counts["merged"] <= 40
    methadone = Service.objects.filter(kind=Kind.METHADONE).values_list("site__name", flat=True)
    assert set(methadone) == {
        "Breakaway Addiction Services",
        "Centre for Addiction and Mental Health",
        "Ontario Addiction Treatment Centre - Bloor West Clinic",
        "Ontario Addiction Treatment Centre - Danforth",
    }
    assert not Service.objects.filter(hours__rule__gt="").exists()
    assert import_file("toronto", TORONTO).counts["unchanged"] == 34


@pytest.mark.usefixtures("real_places")
def test_vancouvers_two_files_say_the_same() -> None:
    first = import_file("vancouver", VANCOUVER / "vancouver-pharmacies.csv")
    again = import_file("vancouver", VANCOUVER / "pharmacy-data-papaparse.json")
    assert (first.counts["read"], first.counts["refused"]) == (51, 0)
    assert again.counts["unchanged"] == 51
    assert Service.objects.filter(kind=Kind.NALOXONE).count() == Site.objects.count() >= 50


@pytest.mark.usefixtures("places")
def test_the_command_prints_the_report_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = a_csv(tmp_path, a_facility(1), a_facility(2, state="??"))
    call_command("import_feed", "samhsa_directory", str(path), "--json")
    printed = capsys.readouterr()
    report = json.loads(printed.out)
    assert report["counts"]["created"] == report["counts"]["refused"] == 1
    assert report["refusals"][0]["row"] == 2
    assert printed.err == ""
    assert ImportRun.objects.get().counts == report["counts"]


@pytest.mark.usefixtures("places")
def test_the_command_fails_on_a_held_file_and_accept_import_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [a_facility(number) for number in range(1, 11)]
    call_command("import_feed", "samhsa_directory", str(a_csv(tmp_path, *rows)))
    with pytest.raises(CommandError, match="accept_import"):
        call_command("import_feed", "samhsa_directory", str(a_csv(tmp_path, *rows[5:])))
    run = ImportRun.objects.get(status=ImportRun.Status.HELD)
    call_command("accept_import", str(run.pk))
    assert "retired" in capsys.readouterr().out
    assert Service.objects.listed().count() == 5


@pytest.mark.django_db
def test_an_unknown_run_cannot_be_accepted() -> None:
    with pytest.raises(CommandError, match="no such import run"):
        call_command("accept_import", "not-a-run")


@pytest.mark.django_db
def test_loading_places_twice_changes_nothing() -> None:
    found = [
        place
        for place in cities(PLACES / "cities500_us_ca_pr.csv.gz")
        if place.region in ("ON", "PR")
    ]
    assert load_places(copy.deepcopy(found)) == (len(found), 0)
    assert load_places(found) == (0, 0)
    toronto = Place.objects.get(name="Toronto")
    assert (toronto.region, toronto.country, toronto.time_zone) == ("ON", "CA", "America/Toronto")
    assert Place.objects.filter(name="San Juan", region="PR", country="US").exists()
