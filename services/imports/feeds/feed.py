"""What every feed has in common: where it comes from, how a file becomes rows, a row a reading."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.imports.points import PlaceTable
from services.imports.reading import Row
from services.imports.readings import Reading


class RawRow(NamedTuple):
    """One row of a file: its place in it, its key, and what it says."""

    number: int
    key: str
    content: Row


class Batch(NamedTuple):
    """The rows of one file. A partial file is a page of a feed: what it lacks has not vanished."""

    rows: list[RawRow]
    partial: bool = False


class Understood(NamedTuple):
    """A reading, and what was left out of it or not believed."""

    reading: Reading
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class Feed:
    """A published feed and its reader.

    Attributes:
        slug: how the public sees the source.
        rank: of feeds that tell of the same site, the lowest names it.
        rules: raise it when ``read`` reads the same row differently, so that known rows are reread.
        volatile: columns that change without the facility changing, such as row numbers.
    """

    slug: str
    name: str
    publisher: str
    licence: str
    attribution: str
    published: str
    rank: int
    parse: Callable[[str], Batch]
    read: Callable[[Row, PlaceTable], Understood]
    rules: int = 1
    volatile: frozenset[str] = field(default_factory=frozenset)

    def fingerprint(self, content: Row) -> str:
        """SHA-256 of what a row says and of the rules it is read by."""
        lasting = {name: value for name, value in content.items() if name not in self.volatile}
        said = json.dumps([self.rules, lasting], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()


def key_of(content: Row, columns: Sequence[str]) -> str:
    """A key made of a row's content, for feeds that have none."""
    said = "\x1f".join(" ".join(str(content.get(column) or "").split()) for column in columns)
    return hashlib.sha256(said.casefold().encode()).hexdigest()[:40]
