"""SAMHSA's directories of substance use and mental health treatment facilities, in one CSV."""

import re

from services.imports.codes import DIRECTORY_YEAR, MENTAL, SUBSTANCE, Says, said_by
from services.imports.feeds.feed import Batch, Feed, RawRow, Understood
from services.imports.feeds.us_facility import understood, us_address
from services.imports.languages import LANGUAGES
from services.imports.offers import offers_of
from services.imports.points import PlaceTable
from services.imports.problems import RowRefusedError
from services.imports.reading import Row, csv_rows
from services.imports.text import plain, words_in

COLUMNS = words_in(
    """
    facility_id directory_type name1 name2 street1 street2 city state zip phone intake1
    intake2 intake1a intake2a service_code_info
    """
)
PHONES = (
    ("phone", "main"),
    ("intake1", "intake"),
    ("intake2", "intake"),
    ("intake1a", "intake"),
    ("intake2a", "intake"),
)
NOT_OURS = "It offers none of our kinds of help by its codes."


def _parse(text: str) -> Batch:
    rows = csv_rows(text, columns=COLUMNS)
    return Batch([RawRow(at, row["facility_id"].strip(), row) for at, row in enumerate(rows, 1)])


def _read(row: Row, places: PlaceTable) -> Understood:
    directory = plain(row["directory_type"])
    if directory not in (SUBSTANCE, MENTAL):
        raise RowRefusedError(f"No list of codes is called “{directory[:40]}”.")
    if not plain(row["name1"]):
        legend = any(plain(row[column]) for column in COLUMNS - {"facility_id", "directory_type"})
        kind = "a legend of codes" if legend else "an empty row"
        raise RowRefusedError(f"Not a facility: {kind}.")
    address = us_address(row["street1"], row["street2"], row["city"], row["state"], row["zip"])
    codes = set(re.findall(r"[A-Za-z0-9]+", row["service_code_info"]))
    said = said_by(directory, DIRECTORY_YEAR, codes)
    languages = tuple(sorted({LANGUAGES[code] for code in codes if code in LANGUAGES}))
    offers = offers_of(said, languages, mental=directory == MENTAL)
    naltrexone = True if Says.NALTREXONE in said else None
    if not offers and not naltrexone:
        raise RowRefusedError(NOT_OURS, not_ours=True)
    return understood(
        names=(row["name1"], row["name2"]),
        address=address,
        own=None,
        places=places,
        phones=[(row[column], label) for column, label in PHONES],
        naltrexone=naltrexone,
        offers=offers,
    )


DIRECTORY = Feed(
    slug="samhsa-directory",
    name="National Directories of Drug and Alcohol Use and Mental Health Treatment Facilities",
    publisher="Substance Abuse and Mental Health Services Administration (SAMHSA)",
    licence="US federal work, public domain",
    attribution="SAMHSA, N-SUMHSS National Directories. Not for distribution for a fee.",
    published="2025",
    rank=0,
    parse=_parse,
    read=_read,
)
