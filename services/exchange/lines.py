"""What a row of a file comes to: nothing, a change, one that waits, a new listing, a refusal."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple


class Outcome(StrEnum):
    """What comes of a row."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    HELD = "held"
    NEW = "new"
    REFUSED = "refused"


WRITES = frozenset({Outcome.CHANGED, Outcome.HELD, Outcome.NEW})


class Difference(NamedTuple):
    """One cell that differs: as it stands, as it is going to be, and why it waits if it does."""

    column: str
    old: str
    new: str
    waits: str = ""


class Problem(NamedTuple):
    """Why a row is refused: the column, or none for the whole row, and what to do."""

    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a file and what comes of it.

    Attributes:
        number: of the row in the file, the header being 1.
        listing: the id of the site or service; None if it is new, or nobody's.
        title: its name, to be recognised by.
        changes: what the row asks for, in the form of a PATCH body.
        notes: what was not read, or else to be known.
    """

    number: int
    outcome: Outcome
    listing: uuid.UUID | None = None
    title: str = ""
    version: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    differences: Sequence[Difference] = ()
    problems: Sequence[Problem] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file comes to, row by row, and what is to be known of all of it."""

    lines: Sequence[Line]
    notices: Sequence[str] = ()

    def count(self, outcome: Outcome) -> int:
        """How many rows come to this."""
        return sum(line.outcome is outcome for line in self.lines)

    @property
    def writes(self) -> bool:
        """Whether applying it would do anything."""
        return any(line.outcome in WRITES for line in self.lines)
