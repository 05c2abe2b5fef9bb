"""What is told of a service's availability: its latest word until that expires, or a closing."""

import datetime as dt
from typing import Any, NamedTuple

from services.listing_rows import ServiceRow
from services.models import Service
from services.vocabulary import Availability


class Word(NamedTuple):
    """The latest word on a service's availability, and the evidence behind its chance.

    Attributes:
        evidence_for, evidence_against: weights at ``evidence_at``.
        long_run_chance: learned of the service; None as long as its kind's prior holds.
        closed_until: end of a closing for a time, which stands before the latest word.
    """

    state: str
    remaining: int | None
    wait_days: int | None
    note: str
    as_of: dt.datetime | None
    expires_at: dt.datetime | None
    reported_by: str
    disputed: bool
    evidence_for: float
    evidence_against: float
    evidence_at: dt.datetime | None
    closed_at: dt.datetime | None = None
    closed_until: dt.datetime | None = None
    closed_by: str = ""
    long_run_chance: float | None = None

    def is_closed_at(self, now: dt.datetime) -> bool:
        """Whether it is closed for a time, and not open again by now."""
        return self.closed_until is not None and now < self.closed_until

    def state_at(self, now: dt.datetime) -> str:
        """The state as it may be told now."""
        if self.is_closed_at(now):
            return Availability.CLOSED_TEMPORARILY.value
        expired = self.expires_at is None or self.expires_at <= now
        return Availability.UNKNOWN.value if expired else self.state

    def at(self, now: dt.datetime) -> dict[str, Any]:
        """The availability as it may be told now: after it expired, unknown and no count."""
        if self.is_closed_at(now):
            return self._closed()
        state = self.state_at(now)
        known = state != Availability.UNKNOWN
        return {
            "state": state,
            "remaining": self.remaining if known else None,
            "wait_days": self.wait_days if known else None,
            "note": self.note if known else "",
            "as_of": self.as_of,
            "expires_at": self.expires_at,
            "reported_by": self.reported_by or None,
            "disputed": self.disputed,
        }

    def _closed(self) -> dict[str, Any]:
        return {
            "state": Availability.CLOSED_TEMPORARILY.value,
            "remaining": None,
            "wait_days": None,
            "note": "",
            "as_of": self.closed_at,
            "expires_at": self.closed_until,
            "reported_by": self.closed_by,
            "disputed": False,
        }


def word_of(service: Service | ServiceRow) -> Word:
    """The latest word on a service, from its row."""
    return Word(
        state=service.state,
        remaining=service.remaining,
        wait_days=service.wait_days,
        note=service.note,
        as_of=service.as_of,
        expires_at=service.expires_at,
        reported_by=service.reported_by,
        disputed=service.disputed,
        evidence_for=service.evidence_for,
        evidence_against=service.evidence_against,
        evidence_at=service.evidence_at,
        closed_at=service.closed_at,
        closed_until=service.closed_until,
        closed_by=service.closed_by,
        long_run_chance=service.long_run_chance,
    )
