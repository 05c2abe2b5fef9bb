"""What is listed no longer must not lie about on a phone: packs and pages are kept without it."""

import json
from collections.abc import Set
from typing import Any

from locator_offline.columns import column_of, height_of
from locator_offline.pack import plain_id

# What tells where or who it is. The rest is needed to read the table.
TELLING = {
    "sites": (
        *("name", "organization", "address", "city", "postal_code", "lat", "lon", "phones"),
        "website",
    ),
    "services": ("name", "description", "windows", "note"),
}


def without(body: bytes, ids: Set[str]) -> bytes:
    """A body that tells of these sites and services no more than that they were there."""
    document = json.loads(body)
    found = [_is_emptied(document[table], names, ids) for table, names in TELLING.items()]
    if not any(found):
        return body
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _is_emptied(table: dict[str, Any], names: tuple[str, ...], ids: Set[str]) -> bool:
    """Whether there was anything to take out."""
    height = height_of(table)
    goes = [plain_id(id_) in ids for id_ in column_of(table, "id", height)]
    if any(goes):
        for name in table.keys() & set(names):
            values = zip(column_of(table, name, height), goes, strict=True)
            table[name] = [None if gone else value for value, gone in values]
    return any(goes)
