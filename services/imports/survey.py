"""A file's rows against what its source said before: new, changed, unchanged, refused, vanished."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from services.imports.addresses import same_street, street_of
from services.imports.feeds import Batch, Feed, RawRow
from services.imports.names import APART, names_agree
from services.imports.points import PlaceTable
from services.imports.problems import RowRefusedError
from services.imports.reading import Row
from services.imports.readings import Reading, reading_from
from services.imports.report import Report
from services.imports.text import visible
from services.models import SourceRecord

LONGEST_KEY = 200  # characters: the column's length


class Known(NamedTuple):
    """A record as it stands in the database."""

    pk: int
    key: str
    source: str
    fingerprint: str
    reading: Reading
    site: uuid.UUID
    vanished: bool


class Fresh(NamedTuple):
    """A row that says something we do not know yet."""

    key: str
    content: Row
    fingerprint: str
    reading: Reading
    known: Known | None


@dataclass(slots=True)
class Survey:
    """What a file brings.

    Attributes:
        fresh: rows that are new, changed or back.
        unchanged: keys that say what they said.
        vanished: live records whose rows are gone, or offer nothing of ours any more.
    """

    fresh: list[Fresh] = field(default_factory=list)
    unchanged: list[Known] = field(default_factory=list)
    vanished: list[Known] = field(default_factory=list)


def known_records(**where: object) -> list[Known]:
    """Records with their readings, in a fixed order."""
    rows = (
        SourceRecord.objects.filter(**where)
        .exclude(reading={})  # written by hand, not by a feed's reader
        .order_by("source_id", "key")
        .values_list("pk", "key", "source_id", "fingerprint", "reading", "site_id", "vanished_at")
    )
    return [
        Known(pk, key, source, mark, reading_from(reading), site, vanished_at is not None)
        for pk, key, source, mark, reading, site, vanished_at in rows
    ]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads rows of a feed one by one; what cannot be listed goes to the report."""

    feed: Feed
    places: PlaceTable
    report: Report

    def takes(self, row: RawRow, before: Known | None, result: Survey) -> bool:
        """Whether a row still stands for its record. One that cannot be read does: it is there."""
        fingerprint = self.feed.fingerprint(row.content)
        if before and before.fingerprint == fingerprint and not before.vanished:
            self.report.counts["unchanged"] += 1
            result.unchanged.append(before)
            return True
        try:
            reading, warnings = self.feed.read(row.content, self.places)
        except RowRefusedError as refused:
            self.report.refuse(row.number, row.key, str(refused), not_ours=refused.not_ours)
            return not refused.not_ours
        for warning in warnings:
            self.report.warn(row.number, row.key, warning)
        self.report.counts["changed"] += int(before is not None)
        result.fresh.append(Fresh(row.key, row.content, fingerprint, reading, before))
        return True


def survey(
    feed: Feed, batch: Batch, rows: Iterable[RawRow], places: PlaceTable, report: Report
) -> Survey:
    """Read a batch's rows; refusals, warnings and counts go to the report.

    Args:
        feed: says how a row is read.
        batch: the file; rows missing from a partial one have not vanished.
        rows: the batch's rows, counted by a progress bar.
        places: where points are checked.
        report: takes what cannot be listed.
    """
    known = {record.key: record for record in known_records(source=feed.slug)}
    reader = Reader(feed, places, report)
    result, lines, held_on = Survey(), dict[str, int](), set[str]()
    for row in rows:
        report.counts["read"] += 1
        if reason := _unusable(row.key, lines):
            report.refuse(row.number, visible(row.key), reason)
            continue
        lines[row.key] = row.number
        if reader.takes(row, known.get(row.key), result):
            held_on.add(row.key)
    if not batch.partial:
        result.vanished = [
            record for key, record in known.items() if key not in held_on and not record.vanished
        ]
    result.fresh.sort(key=lambda one: one.key)
    return result


def _unusable(key: str, lines: Mapping[str, int]) -> str:
    """Why a row cannot be kept under its key, if it cannot."""
    if not key:
        return "It has no key."
    if len(key) > LONGEST_KEY:
        return f"Its key is longer than {LONGEST_KEY} characters."
    return f"It repeats row {lines[key]}." if key in lines else ""


def is_another_facility(before: Reading, after: Reading) -> bool:
    """Whether a key now names somebody else at another address, as when a list is renumbered."""
    if names_agree(before.organization, after.organization) != APART:
        return False
    streets = (street_of(before.address.street), street_of(after.address.street))
    same_town = before.address.city.casefold() == after.address.city.casefold()
    return not (same_town and same_street(*streets))
