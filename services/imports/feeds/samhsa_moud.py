"""SAMHSA's sites with medication for opioid use disorder: one row per site and medication."""

from services.imports.feeds.feed import Batch, Feed, RawRow, Understood, key_of
from services.imports.feeds.us_facility import understood, us_address
from services.imports.points import PlaceTable, point_in
from services.imports.problems import RowRefusedError
from services.imports.reading import Row, csv_rows
from services.imports.readings import Offer
from services.imports.text import plain
from services.vocabulary import Kind

IDENTITY = ("name1", "name2", "street1", "street2", "city", "state", "zip", "category")
COLUMNS = frozenset({*IDENTITY, "Longitude", "Latitude"})
METHADONE, BUPRENORPHINE = "methadone", "buprenorphine"
NALTREXONE = frozenset({"naltrexone/vivitrol", "naltrexone", "vivitrol"})


def _parse(text: str) -> Batch:
    rows = csv_rows(text, columns=COLUMNS)
    return Batch([RawRow(at, key_of(row, IDENTITY), row) for at, row in enumerate(rows, 1)])


def _read(row: Row, places: PlaceTable) -> Understood:
    medication = plain(row["category"]).casefold()
    if medication not in NALTREXONE | {METHADONE, BUPRENORPHINE}:
        raise RowRefusedError(f"“{medication[:40]}” is not a medication we list.")
    where = (row[part] for part in ("street1", "street2", "city", "state", "zip"))
    return understood(
        names=(row["name1"], row["name2"]),
        address=us_address(*where),
        own=point_in(row["Latitude"], row["Longitude"]),
        places=places,
        naltrexone=True if medication in NALTREXONE else None,
        offers={Kind.BUPRENORPHINE.value: Offer()} if medication == BUPRENORPHINE else {},
        # "Methadone" here may mean used, not dispensed; only an OTP record is proof.
        unproven=(Kind.METHADONE.value,) if medication == METHADONE else (),
    )


MOUD = Feed(
    slug="samhsa-moud-2020",
    name="Sites with medication for opioid use disorder",
    publisher="Substance Abuse and Mental Health Services Administration (SAMHSA)",
    licence="US federal work, public domain",
    attribution="SAMHSA, by way of the Opioid Environment Policy Scan, doi 10.5281/zenodo.5842465",
    published="2020",
    rank=2,
    parse=_parse,
    read=_read,
    volatile=frozenset({""}),
)
