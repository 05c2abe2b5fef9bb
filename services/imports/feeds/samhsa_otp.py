"""SAMHSA's directory of opioid treatment programs: each row is one, and dispenses methadone."""

from services.imports.feeds.feed import Batch, Feed, RawRow, Understood, key_of
from services.imports.feeds.us_facility import understood, us_address
from services.imports.points import PlaceTable, point_in
from services.imports.reading import Row, csv_rows
from services.imports.readings import Offer
from services.vocabulary import Kind

COLUMNS = ("ID", "ADDRESS", "CITY", "STATE", "POSTAL", "Latitude", "Longitude")


def _parse(text: str) -> Batch:
    rows = csv_rows(text, columns=frozenset(COLUMNS))
    return Batch([RawRow(at, key_of(row, COLUMNS[:5]), row) for at, row in enumerate(rows, 1)])


def _read(row: Row, places: PlaceTable) -> Understood:
    return understood(
        names=(row["ID"], ""),
        address=us_address(row["ADDRESS"], "", row["CITY"], row["STATE"], row["POSTAL"]),
        own=point_in(row["Latitude"], row["Longitude"]),
        places=places,
        offers={Kind.METHADONE.value: Offer()},
    )


OTP = Feed(
    slug="samhsa-otp-2021",
    name="Opioid Treatment Program Directory",
    publisher="Substance Abuse and Mental Health Services Administration (SAMHSA)",
    licence="US federal work, public domain; geocodes free and open",
    attribution="SAMHSA; points by the Opioid Environment Policy Scan, doi 10.5281/zenodo.5842465",
    published="2021",
    rank=1,
    parse=_parse,
    read=_read,
)
