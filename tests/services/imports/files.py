"""Small feed files, each row valid unless a test says otherwise."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from services.models import Place
from tests.builders import a_place

DIRECTORY_COLUMNS = [
    "facility_id",
    "directory_type",
    "name1",
    "name2",
    "street1",
    "street2",
    "city",
    "state",
    "zip",
    "phone",
    "intake1",
    "intake2",
    "intake1a",
    "intake2a",
    "service_code_info",
]
OTP_COLUMNS = ["ID", "ADDRESS", "CITY", "STATE", "POSTAL", "Latitude", "Longitude"]
MOUD_COLUMNS = [
    "",
    "name1",
    "name2",
    "street1",
    "street2",
    "city",
    "state",
    "zip",
    "zip4",
    "category",
    "countyGEOID",
    "countyName",
    "source",
    "geom1",
    "geom2",
    "Longitude",
    "Latitude",
]
POINT = {"Latitude": "39.9610", "Longitude": "-75.1500"}
OTP_CODES = "SA SUMH * OP OMB ORT * MU BU NU * OTP MM BUM UB * PI MD SF SS"


@pytest.fixture
def places(db: None) -> None:
    """A few postal codes and cities, enough for the rows below."""
    load_places()
    assert Place.objects.count() == 9


def load_places() -> None:
    """Store them."""
    a_place("19123", 39.9650, -75.1490, region="")
    a_place("19140", 40.0120, -75.1450, region="")
    a_place("06401", 41.3430, -73.0680, region="")
    a_place("00926", 18.3500, -66.0500, region="")
    a_place("Philadelphia", 39.9523, -75.1638, population=1_567_000)
    a_place("Ansonia", 41.3462, -73.0790, region="CT")
    a_place("Pittsburgh", 40.4406, -79.9959, population=300_000)
    a_place("Toronto", 43.7001, -79.4163, region="ON", country="CA", time_zone="America/Toronto")
    a_place("Vancouver", 49.2497, -123.1193, region="BC", country="CA")


def a_facility(number: int = 1, **cells: str) -> dict[str, str]:
    """A row of the National Directory: an outpatient clinic with counselling."""
    return dict.fromkeys(DIRECTORY_COLUMNS, "") | {
        "facility_id": f"substance_{number}",
        "directory_type": "substance",
        "name1": f"Clinic {'abcdefghijklmnopqrstuvwxyz'[number % 26] * 5}",
        "street1": f"{100 + number} North Third Street",
        "city": "Philadelphia",
        "state": "PA",
        "zip": "19123",
        "phone": f"215-555-01{number:02}",
        "service_code_info": "SA * OP ORT",
    } | cells  # fmt: skip


def an_otp(number: int = 1, **cells: str) -> dict[str, str]:
    """A row of the OTP directory."""
    return {
        "ID": f"Program {'abcdefghijklmnopqrstuvwxyz'[number % 26] * 5}, Inc.",
        "ADDRESS": f"{500 + number} Spring Garden St., Suite {number}",
        "CITY": "Philadelphia",
        "STATE": "PA",
        "POSTAL": "19123-1234",
    } | POINT | cells  # fmt: skip


def a_moud_row(medication: str, **cells: str) -> dict[str, str]:
    """A row of the MOUD file: one site and one medication."""
    return dict.fromkeys(MOUD_COLUMNS, "NA") | {
        "name1": "Spring Clinic",
        "street1": "900 Spring Garden Street",
        "city": "Philadelphia",
        "state": "PA",
        "zip": "19123",
        "category": medication,
    } | POINT | cells  # fmt: skip


def csv_text(rows: list[dict[str, str]]) -> str:
    table = io.StringIO()
    writer = csv.DictWriter(table, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return table.getvalue()


def a_csv(folder: Path, *rows: dict[str, str], encoding: str = "utf-8") -> Path:
    path = folder / "feed.csv"
    path.write_bytes(csv_text(list(rows)).encode(encoding))
    return path


def a_gzip(folder: Path, *rows: dict[str, str]) -> Path:
    path = folder / "feed.csv.gz"
    path.write_bytes(gzip.compress(csv_text(list(rows)).encode()))
    return path


def a_find_treatment_page(folder: Path, *rows: dict[str, Any], pages: int = 1) -> Path:
    path = folder / "page.json"
    outer = {"page": 1, "totalPages": pages, "recordCount": len(rows) * pages, "rows": list(rows)}
    path.write_text(json.dumps(outer), encoding="utf-8")
    return path


def a_found_facility(
    number: int = 1, services: dict[str, str] | None = None, **fields: Any
) -> dict[str, Any]:
    """A row of FindTreatment's answer: an outpatient facility; services are heading → labels."""
    said = {"TC": "Substance use treatment", "SET": "Outpatient; Regular outpatient treatment"}
    return {
        "_irow": number,
        "frid": f"{number:064}",
        "name1": f"Finder {'abcdefghijklmnopqrstuvwxyz'[number % 26] * 5}",
        "name2": "",
        "street1": f"{700 + number} Callowhill Street",
        "street2": "",
        "city": "Philadelphia",
        "state": "PA",
        "zip": "19123",
        "phone": "215-555-0142",
        "typeFacility": "SA",
        "intake1": None,
        "hotline1": None,
        "website": "http://clinic.example",
        "latitude": "39.9610",
        "longitude": "-75.1500",
        "miles": 0.24,
        "services": [
            {"f1": head, "f2": head, "f3": labels}
            for head, labels in (said | (services or {})).items()
        ],
    } | fields  # fmt: skip
