"""Taking words and places that are no longer told, for they may be hidden, off the disk.

Rows stay, with their ids, so that the bodies read as before.
"""

import json
import uuid
from collections.abc import Set as AbstractSet
from typing import Any

from locator_offline.columns import column_of, height_of
from locator_offline.records import Service, Site

SITE: dict[str, Any] = {
    "name": "",
    "organization": "",
    "phones": [],
    **dict.fromkeys(("address", "city", "postal_code", "website", "lat", "lon")),
}
SERVICE: dict[str, Any] = {"name": None, "description": "", "note": ""}


def no_longer_told(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Ids of sites, or of services, of which something that is blanked is gone or another."""
    return {id_ for id_, one in before.items() if _words(one) != _words(after.get(id_))}


def blanked(data: bytes, sites: AbstractSet[str], services: AbstractSet[str]) -> bytes:
    """A body without the words and places of these; the same bytes if it tells none of them."""
    document = json.loads(data)
    changed = [
        _blank(document["sites"], sites, SITE),
        _blank(document["services"], services, SERVICE),
    ]
    if not any(changed):
        return data
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def _words(one: Site | Service | None) -> list[Any]:
    if one is None:
        return []
    if isinstance(one, Site):
        return [one.lat, one.lon, *(one.told.get(name) for name in SITE)]
    return [one.told.get(name) for name in SERVICE]


def _blank(table: dict[str, Any], ids: AbstractSet[str], blanks: dict[str, Any]) -> bool:
    height = height_of(table)
    told = [str(uuid.UUID(id_)) for id_ in column_of(table, "id", height)]
    rows = [row for row, id_ in enumerate(told) if id_ in ids]
    for name in blanks.keys() & table.keys() if rows else ():
        values = [*column_of(table, name, height)]
        for row in rows:
            values[row] = blanks[name]
        table[name] = _packed(values)  # anew, so that no value stays behind
    return bool(rows)


def _packed(values: list[Any]) -> dict[str, list[Any]]:
    """A column that tells each value once."""
    keys = [json.dumps(value) for value in values]
    place = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return {"of": [json.loads(key) for key in place], "is": [place[key] for key in keys]}
