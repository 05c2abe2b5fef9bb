"""Toronto's substance use services: free text, HTML, and points as Python 2 wrote them."""

import re

from services.imports.feeds.feed import Batch, Feed, RawRow, Understood
from services.imports.feeds.toronto_words import (
    access_said,
    kinds_named,
    languages_said,
    min_age_said,
    policy_said,
)
from services.imports.phones import left_out, numbers_in
from services.imports.points import LatLon, PlaceTable, point_in, spot_of
from services.imports.problems import RowRefusedError
from services.imports.reading import Row, csv_rows
from services.imports.readings import Address, Offer, Reading
from services.imports.text import plain, web_address, words_in
from services.vocabulary import LocationAccuracy

COLUMNS = words_in(
    """
    OBJECTID AGENCY_NAME ORGANIZATION_ADDRESS OFFICE_PHONE WEBSITE ELIGIBILITY
    DESCRIPTION_SERVICE APPLICATION LANGUAGES ACCESSIBILITY HOURS ADDRESS_FULL POSTAL_CODE
    geometry
    """
)
PAIR = re.compile(r"\(?\s*(-?\d{1,3}\.\d+)\s*,\s*(-?\d{1,2}\.\d+)\s*\)?")


def _parse(text: str) -> Batch:
    rows = csv_rows(text, columns=COLUMNS)
    return Batch([RawRow(at, row["OBJECTID"].strip(), row) for at, row in enumerate(rows, 1)])


def point_of(geometry: str) -> LatLon | None:
    """The point in a Python 2 ``repr`` of GeoJSON, read as text and never evaluated.

    Several points count as one, their middle, if they lie close together; else as none.
    """
    pairs = [(float(lat), float(lon)) for lon, lat in PAIR.findall(geometry[:10_000])]
    points = [point for pair in pairs if (point := point_in(*pair))]
    if not points:
        return None
    lats, lons = ([point[axis] for point in points] for axis in (0, 1))
    if max(lats) - min(lats) > SAME_DOOR or max(lons) - min(lons) > SAME_DOOR:
        return None
    return sum(lats) / len(lats), sum(lons) / len(lons)


SAME_DOOR = 0.002  # degrees, some 200 m: entrances of one building


def _address(row: Row) -> Address:
    street = plain(row["ADDRESS_FULL"], max_length=255)
    written = [part.strip() for part in plain(row["ORGANIZATION_ADDRESS"]).split(",")]
    extra = [part for part in written[:-2] if part and part != street]
    return Address(
        street=street,
        extra=", ".join(extra)[:255],
        city="Toronto",
        region="ON",
        postal_code=plain(row["POSTAL_CODE"], max_length=12),
        country="CA",
    )


def _offers(row: Row) -> dict[str, Offer]:
    eligibility, application = plain(row["ELIGIBILITY"]), plain(row["APPLICATION"])
    kinds = kinds_named(plain(row["DESCRIPTION_SERVICE"]), eligibility)
    access = access_said(eligibility, application, plain(row["ACCESSIBILITY"]))
    return {
        kind.value: Offer(
            access=access,
            languages=languages_said(plain(row["LANGUAGES"])),
            min_age=min_age_said(eligibility),
            methadone_policy=policy_said(eligibility, kind),
            buprenorphine_policy=policy_said(eligibility, kind, "subox|bupren"),
            hours=plain(row["HOURS"], max_length=2000),
        )
        for kind in kinds
    }


def _read(row: Row, places: PlaceTable) -> Understood:
    name = plain(row["AGENCY_NAME"], max_length=255)
    if not name:
        raise RowRefusedError("Not a facility: it has no name.")
    offers = _offers(row)
    if not offers:
        raise RowRefusedError("Its description names none of our kinds of help.", not_ours=True)
    address, own = _address(row), point_of(row["geometry"])
    spot, doubt = spot_of(address, own, places, accuracy=LocationAccuracy.ROOFTOP.value)
    phones, lost = numbers_in(row["OFFICE_PHONE"], label="main", country="CA")
    website, why = web_address(row["WEBSITE"])
    reading = Reading(
        organization=name,
        name=name,
        address=address,
        spot=spot,
        phones=tuple(phones),
        website=website,
        offers=offers,
    )
    return Understood(reading, [one for one in (doubt, why, *left_out(lost)) if one])


TORONTO = Feed(
    slug="toronto-2016",
    name="Substance Use Treatment",
    publisher="City of Toronto",
    licence="Open Government Licence – Toronto",
    attribution="Contains information licensed under the Open Government Licence – Toronto.",
    published="2016",
    rank=0,
    rules=2,
    parse=_parse,
    read=_read,
)
