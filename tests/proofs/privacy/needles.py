"""All forms of all searchers' values, looked for at once in whatever bytes there are."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ahocorasick_rs import BytesAhoCorasick

from tests.proofs.privacy.canaries import Canary
from tests.proofs.privacy.encodings import forms_of

AT_ONCE = 64 * 1024 * 1024  # bytes
AROUND = 40  # bytes shown on either side of what was found


@dataclass(frozen=True, slots=True)
class Hit:
    """A value of a searcher that was found.

    Attributes:
        around: what stands there, for whoever looks for the leak.
    """

    searcher: int
    field: str
    form: str
    around: bytes


class Needles:
    """The forms of some searchers' values."""

    def __init__(self, searchers: Iterable[Canary], more: Iterable[tuple[int, str]] = ()) -> None:
        """``more`` are other texts of searchers by number, such as a path they asked for."""
        self._owners: dict[bytes, list[tuple[int, str, str]]] = defaultdict(list)
        for one in searchers:
            for field, form, bytes_ in forms_of(one):
                self._owners[bytes_].append((one.number, field, form))
        for number, told in more:
            self._owners[told.encode()].append((number, "path", "raw"))
        self._forms = list(self._owners)
        self._longest = max(map(len, self._forms), default=1)
        self._automaton = BytesAhoCorasick(self._forms)

    def __len__(self) -> int:
        """How many forms are looked for."""
        return len(self._forms)

    def found_in(self, content: bytes) -> Iterator[Hit]:
        """Every form of a value that stands in some bytes."""
        for start in range(0, max(len(content), 1), AT_ONCE):
            piece = bytes(content[start : start + AT_ONCE + self._longest])
            for form, at, end in self._automaton.find_matches_as_indexes(piece, overlapping=True):
                around = piece[max(at - AROUND, 0) : end + AROUND]
                for searcher, field, name in self._owners[self._forms[form]]:
                    yield Hit(searcher, field, name, around)
