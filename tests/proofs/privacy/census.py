"""The census itself: pieces of every sink in, what was found of whom out."""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.proofs.privacy.canaries import Canary
from tests.proofs.privacy.leaks import Leak
from tests.proofs.privacy.needles import Hit, Needles
from tests.proofs.privacy.sinks import Piece

SHOWN = 6  # traces in each sink


@dataclass
class Found:
    """What a census found.

    Attributes:
        read: bytes of each sink, packed ones counted unpacked, too.
        hits: by sink, where and what.
    """

    read: Counter[str] = field(default_factory=Counter)
    hits: dict[str, list[tuple[str, Hit]]] = field(default_factory=lambda: defaultdict(list))

    def of(self, searchers: Iterable[Canary]) -> list[tuple[str, str, Hit]]:
        """What was found of some searchers: the sink, where, and what."""
        numbers = {one.number for one in searchers}
        return [
            (sink, where, hit)
            for sink, hits in self.hits.items()
            for where, hit in hits
            if hit.searcher in numbers
        ]

    def has(self, leak: Leak, one: Canary) -> bool:
        """Whether a leak of a searcher was found where it is, as what it is."""
        wanted = (one.number, leak.field, leak.form)
        return any((hit.searcher, hit.field, hit.form) == wanted for _, hit in self.hits[leak.sink])


def census(pieces: Iterable[Piece], needles: Needles) -> Found:
    """Read every piece, unpacked as well."""
    found = Found()
    for piece in pieces:
        for layer in piece.layers():
            found.read[layer.sink] += len(layer.content)
            for hit in needles.found_in(layer.content):
                found.hits[layer.sink].append((layer.where, hit))
    return found


def unknown(
    candidates: Sequence[Canary], count: int, hits: Iterable[tuple[str, str, Hit]]
) -> list[Canary]:
    """So many searchers of whom no value stands somewhere before they search, by chance."""
    hits = list(hits)
    known = {hit.searcher for _, _, hit in hits}
    found = [one for one in candidates if one.number not in known][:count]
    if len(found) < count:
        where = Counter((sink, place) for sink, place, _ in hits).most_common(10)
        sys.exit(f"Too many searchers' values stand somewhere before a search: {where}.")
    return found


def missed(found: Found, leaks: Sequence[Leak], searchers: Sequence[Canary]) -> list[str]:
    """Leaks that were made and not found, and sinks into which none was made."""
    unseen = [
        f"{leak.sink}: {leak.field} as {leak.form}"
        for leak, one in zip(leaks, searchers, strict=False)
        if not found.has(leak, one)
    ]
    tried = {leak.sink for leak in leaks}
    return unseen + [f"{sink}: no leak was made" for sink in found.read if sink not in tried]


def told(hits: Iterable[tuple[str, str, Hit]]) -> list[str]:
    """What was found, a line each, the same thing in several forms once."""
    lines: dict[tuple[str, str, int, str], str] = {}
    for sink, where, hit in hits:
        key = (sink, where, hit.searcher, hit.field)
        lines.setdefault(
            key, f"{sink}, {where}: {hit.field} of {hit.searcher} as {hit.form}: {hit.around!r}"
        )
    return list(lines.values())
