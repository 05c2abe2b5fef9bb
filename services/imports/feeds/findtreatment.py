"""FindTreatment.gov's answers: JSON, one page of many, services under headings with labels."""

from services.imports.codes import (
    CODES,
    FINDTREATMENT,
    FINDTREATMENT_YEAR,
    Code,
    Says,
)
from services.imports.feeds.feed import Batch, Feed, RawRow, Understood
from services.imports.feeds.samhsa_directory import NOT_OURS
from services.imports.feeds.us_facility import understood, us_address
from services.imports.languages import LANGUAGE_NAMES
from services.imports.offers import offers_of
from services.imports.points import PlaceTable, point_in
from services.imports.problems import FileRefusedError, RowRefusedError
from services.imports.reading import Row, json_rows
from services.imports.text import plain, web_address

FIELDS = frozenset({"frid", "name1", "street1", "city", "state", "zip", "services"})
PHONES = (("phone", "main"), ("intake1", "intake"), ("hotline1", "hotline"))


def _parse(text: str) -> Batch:
    outer, rows = json_rows(text, under="rows")
    if missing := sorted(FIELDS - set(rows[0])) if rows else []:
        raise FileRefusedError(f"These fields are missing: {', '.join(missing)}.")
    whole = outer.get("totalPages") in (1, "1") and outer.get("recordCount") in (
        len(rows),
        str(len(rows)),
    )
    found = [RawRow(at, plain(row.get("frid")), row) for at, row in enumerate(rows, 1)]
    return Batch(found, partial=not whole)


def _labels(row: Row) -> set[tuple[str, str]]:
    groups = row.get("services")
    if not isinstance(groups, list):
        raise RowRefusedError("Its services are not a list.")
    return {
        (plain(group.get("f2")), plain(label))
        for group in groups
        if isinstance(group, dict)
        for label in str(group.get("f3") or "").split(";")
    }


def _read(row: Row, places: PlaceTable) -> Understood:
    labels = _labels(row)
    keys = {Code(FINDTREATMENT, FINDTREATMENT_YEAR, heading, label) for heading, label in labels}
    said = frozenset(CODES[key] for key in keys if key in CODES)
    languages = {LANGUAGE_NAMES.get(label.casefold(), "") for head, label in labels if head == "OL"}
    offers = offers_of(
        said, tuple(sorted(languages - {""})), mental=plain(row.get("typeFacility")) == "MH"
    )
    naltrexone = True if Says.NALTREXONE in said else None
    if not offers and not naltrexone:
        raise RowRefusedError(NOT_OURS, not_ours=True)
    website, why = web_address(row.get("website"))
    where = [row.get(part) for part in ("street1", "street2", "city", "state", "zip")]
    return understood(
        names=(row.get("name1"), row.get("name2")),
        address=us_address(*where),
        own=point_in(row.get("latitude"), row.get("longitude")),
        places=places,
        phones=[(row.get(column), label) for column, label in PHONES],
        website=website,
        doubts=[why] if why else [],
        naltrexone=naltrexone,
        offers=offers,
    )


FINDTREATMENT_2019 = Feed(
    slug="findtreatment-2019",
    name="FindTreatment.gov",
    publisher="Substance Abuse and Mental Health Services Administration (SAMHSA)",
    licence="CC0 1.0 / US federal work, public domain",
    attribution="SAMHSA, FindTreatment.gov",
    published="2019",
    rank=3,
    rules=2,
    parse=_parse,
    read=_read,
    volatile=frozenset({"_irow", "miles"}),
)
