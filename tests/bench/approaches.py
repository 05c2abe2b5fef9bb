"""Ways to answer a search within this process: each takes a search and a moment."""

import datetime as dt
import uuid
from typing import Protocol

from services.search import Search
from tests.bench import names
from tests.bench.postgis import (
    ExactInSql,
    KnnOnGeography,
    KnnOnGeometry,
    KnnUnfiltered,
    KnnWithRows,
    Ranked,
)
from tests.bench.redis_geo import GeosearchAndRerank

LARGEST_FOR_EXACT = 20_000  # services; by brute force a larger one takes seconds a search


class Approach(Protocol):
    """One way, by the name it has in the table."""

    name: str

    def prepare(self, moments: list[dt.datetime]) -> None:
        """Whatever is done once, before questions about these moments."""

    def answer(self, search: Search, at: dt.datetime) -> object:
        """Answer one search."""

    def close(self) -> None:
        """Give back what it holds."""


class Ours:
    """The whole answer of the search index: from the question to the bytes of its GeoJSON."""

    name = names.OURS

    def prepare(self, moments: list[dt.datetime]) -> None:
        """Load the index as a web process does."""
        from tests.bench.loading import load_index

        load_index()

    def about(self, at: dt.datetime) -> None:
        """Let it be that time: the thread that follows changes looks ahead from it each minute."""
        from services.index import live_index

        live_index.index.move_to(at)

    def answer(self, search: Search, at: dt.datetime) -> bytes:
        """GeoJSON, ready to be sent."""
        from services.search import find_nearby

        return find_nearby(search, now=at).body

    def close(self) -> None:
        """The thread that follows changes ends with the process."""


class OursAlone:
    """As much as the database is asked for: the ids of the best, in order."""

    name = names.IDS

    def prepare(self, moments: list[dt.datetime]) -> None:
        """The index is loaded already."""

    def answer(self, search: Search, at: dt.datetime) -> list[uuid.UUID]:
        """The ids, in order."""
        from services.index import live_index

        return live_index.index.find(search.as_query(at)).ids

    def close(self) -> None:
        """It holds nothing of its own."""


def approaches(size: int) -> list[Approach]:
    """All that are compared at a size."""
    every: list[Approach] = [Ours(), OursAlone(), KnnOnGeography(), KnnUnfiltered(), KnnWithRows()]
    every += [KnnOnGeometry(), Ranked(), GeosearchAndRerank()]
    return [*every, ExactInSql()] if size <= LARGEST_FOR_EXACT else every
