"""Phones that follow a region with the Python client, and a record of all that they were told."""

import uuid
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any, Protocol

import orjson
from django.utils import timezone

from locator_offline import Store, Sync
from locator_offline.columns import column_of, height_of
from locator_offline.store import Listed
from locator_offline.sync import CHANGES
from locator_offline.transport import Reply
from services.changes.cursor import NOTHING_TOLD, cursor_from
from services.changes.paging import page_after
from services.models import Pack
from services.packs.body import page_of
from services.packs.shelf import areas_of, body_of_pack, pack_of

LANGUAGE = "en"
Place = tuple[int, int]  # transaction and change


class Way(Protocol):
    """The way to a server, as far as ``Sync`` uses it."""

    def get(self, path: str, query: dict[str, Any], headers: dict[str, str] | None = None) -> Reply:
        """Ask for a document."""

    def opened(self, path: str, query: dict[str, Any], headers: dict[str, str]) -> Any:
        """An answer whose body is still to be read."""


class Domain:
    """No server: the domain's own functions answer, with this thread's connection."""

    def get(self, path: str, query: dict[str, Any], headers: dict[str, str] | None = None) -> Reply:
        """A page of changes."""
        assert path == CHANGES
        region, now = query["region"], timezone.now()
        areas = areas_of(region)
        page = page_after(
            cursor_from(query["cursor"], region, now), areas, limit=query["limit"], now=now
        )
        told = {"region": region, "areas": areas, "cursor": page.cursor.as_text()}
        body = page_of(page.services, page.gone, day=now.date(), more=page.more, **told)
        return Reply(200, Message(), body)

    def opened(self, path: str, query: dict[str, Any], headers: dict[str, str]) -> Any:
        """Packs are put into the store by hand."""
        raise NotImplementedError


@dataclass(frozen=True)
class Told:
    """A page: from where to where it led, and whom it told of."""

    after: Place
    until: Place
    services: frozenset[uuid.UUID]


@dataclass
class Record:
    """What a puller was told, written down on its way."""

    way: Way
    pages: list[Told] = field(default_factory=list)
    again: int = 0  # services told as they were told before
    last: dict[str, bytes] = field(default_factory=dict)
    in_part: frozenset[uuid.UUID] = frozenset()  # of a row that the next page goes on with

    def get(self, path: str, query: dict[str, Any], headers: dict[str, str] | None = None) -> Reply:
        """See Way."""
        reply = self.way.get(path, query, headers)
        if path == CHANGES and reply.status == 200:
            self._write_down(query, orjson.loads(reply.body))
        return reply

    def opened(self, path: str, query: dict[str, Any], headers: dict[str, str]) -> Any:
        """See Way."""
        return self.way.opened(path, query, headers)

    def in_packs(self) -> list[tuple[Place, Place]]:
        """What packs held and no page told, as spans of the log: from one place up to another."""
        spans, until = list[tuple[Place, Place]](), (0, 0)
        for page in self.pages:
            if page.after > until:
                spans.append((until, page.after))
            until = page.until
        return spans

    def _write_down(self, query: dict[str, Any], page: dict[str, Any]) -> None:
        rows = rows_of(page["services"])
        for row in rows:
            told = orjson.dumps(row)
            self.again += self.last.get(row["id"]) == told
            self.last[row["id"]] = told
        ids = frozenset(uuid.UUID(one) for one in [*(row["id"] for row in rows), *page["gone"]])
        until = cursor_from(page["cursor"], query["region"], timezone.now())
        told_so_far = ids | self.in_part
        self.pages.append(Told(place(query), (until.xid, until.change), told_so_far))
        self.in_part = frozenset() if until.told == NOTHING_TOLD else told_so_far


def place(query: dict[str, Any]) -> Place:
    """Where a cursor of ours stands."""
    cursor = cursor_from(query["cursor"], query["region"], timezone.now())
    return cursor.xid, cursor.change


def rows_of(table: dict[str, Any]) -> list[dict[str, Any]]:
    """A table's rows, but for what says where others stand in the same document."""
    height = height_of(table)
    columns = {
        name: column_of(table, name, height)
        for name in table
        if name not in {"site", "care", "door"}
    }
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


class Puller:
    """A phone that holds one region.

    Attributes:
        reads_all: it never takes a pack instead of many pages, as a phone would.
    """

    reads_all = True

    def __init__(self, folder: Path, region: str, way: Way) -> None:
        self.region, self.store, self.record = region, Store(folder), Record(way)
        self.sync = Sync(self.store, self.record, language=LANGUAGE)  # type: ignore[arg-type]

    def follow(self) -> int:
        """Take in what changed; how many services were told."""
        if self.reads_all:
            self.store.regions[self.region].page_bytes = 0
        return self.sync.follow(self.region)

    def waits(self) -> bool:
        """Whether the last page left something out, because a transaction may not have seen it."""
        cursor = self.store.regions[self.region].cursor
        return cursor_from(cursor, self.region, timezone.now()).hold is not None

    def hold_pack(self) -> None:
        """Hold the pack as it lies in the database."""
        pack = pack_of(self.region, LANGUAGE)
        self.store.put(listed(pack), body_of_pack(pack, gzipped=False) or b"")


def listed(pack: Pack) -> Listed:
    """As ``GET /api/v1/packs/`` tells it."""
    return Listed(pack.region, pack.language, pack.cursor, pack.sha256, pack.signature)
