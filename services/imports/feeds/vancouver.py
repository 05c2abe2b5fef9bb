"""Vancouver's pharmacies with take-home naloxone kits, as CSV or as the same rows in JSON."""

from services.imports.feeds.feed import Batch, Feed, RawRow, Understood, key_of
from services.imports.points import PlaceTable, point_in, spot_of
from services.imports.problems import FileRefusedError, RowRefusedError
from services.imports.reading import Row, csv_rows, json_rows
from services.imports.readings import Address, Offer, Reading
from services.imports.text import plain
from services.vocabulary import Kind, LocationAccuracy

COLUMNS = frozenset({"City", "Address", "Name", "Latitude", "Longitude", "Training"})
TRAINING = "Confirmed to give training in responding to an overdose."


def _parse(text: str) -> Batch:
    if text.lstrip().startswith("{"):
        rows = json_rows(text, under="data")[1]
        if any(COLUMNS - set(row) for row in rows):
            raise FileRefusedError("A row lacks some of the fields of this feed.")
    else:
        rows = list(csv_rows(text, columns=COLUMNS))
    return Batch(
        [RawRow(at, key_of(row, ("Name", "Address")), row) for at, row in enumerate(rows, 1)]
    )


def _read(row: Row, places: PlaceTable) -> Understood:
    city, _, region = plain(row["City"], max_length=120).rpartition(" ")
    name = plain(row["Name"], max_length=255)
    if not name or region != "BC":
        raise RowRefusedError("Not a pharmacy in British Columbia: no name, or another province.")
    address = Address(plain(row["Address"], max_length=255), "", city, region, "", "CA")
    own = point_in(row["Latitude"], row["Longitude"])
    spot, doubt = spot_of(address, own, places, accuracy=LocationAccuracy.STREET.value)
    trained = plain(row["Training"]).casefold() == "true"
    offer = Offer(description=TRAINING if trained else "")
    reading = Reading(name, name, address, spot, offers={Kind.NALOXONE.value: offer})
    return Understood(reading, [doubt] if doubt else [])


VANCOUVER = Feed(
    slug="vancouver-naloxone-2018",
    name="Vancouver pharmacies with take-home naloxone kits",
    publisher="Government of British Columbia, by way of NaloxZone",
    licence="MIT",
    attribution="Copyright (c) 2018 jordanmchiu; facts from the BC Government's list of pharmacies",
    published="2018",
    rank=0,
    parse=_parse,
    read=_read,
)
