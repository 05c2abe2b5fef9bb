"""What a phone knows of sites and services."""

from typing import Any, NamedTuple

from locator_offline.hours import Schedule, Zone

UNKNOWN, CLOSED_TEMPORARILY = "unknown", "closed_temporarily"
NEVER = 0.0  # of a time

Area = tuple[str, str]


class Site(NamedTuple):
    """A door, a van's stop, or a remote service.

    Attributes:
        lat, lon: degrees; None without a point.
        phones: number, extension or None, label.
        told: the other columns, as they came: name, address, city …
    """

    id: str
    lat: float | None
    lon: float | None
    zone: Zone
    area: Area
    remote: bool
    told: dict[str, Any]


class Service(NamedTuple):
    """One kind of help at one site. Times are POSIX seconds, 0 for never.

    Attributes:
        yes, no: facts answered so, as bits.
        care: the hours that count for somebody seeking care; None if they are unknown.
        door: the hours that say whether the door is open.
        prior: chance that a visit succeeds when nothing is known, in (0, 1).
        evidence_for, evidence_against: weights at ``evidence_at``.
        told: the other columns, as they came: name, languages, note …
    """

    id: str
    site_id: str
    kind: str
    yes: int
    no: int
    care: Schedule | None
    door: Schedule | None
    prior: float
    half_life_minutes: float
    evidence_for: float
    evidence_against: float
    evidence_at: float
    state: str
    expires_at: float
    closed_until: float
    told: dict[str, Any]

    @property
    def number(self) -> int:
        """The id as a number: ties are settled by it."""
        return int(self.id.replace("-", ""), 16)

    def state_at(self, at: float) -> str:
        """The availability as it may be told at a moment."""
        if at < self.closed_until:
            return CLOSED_TEMPORARILY
        return self.state if at < self.expires_at else UNKNOWN

    def availability_at(self, at: float) -> dict[str, Any]:
        """State, and who said so when; no count and no note once that has expired."""
        state, told = self.state_at(at), self.told
        if at < self.closed_until:
            word = {"as_of": told["closed_at"], "expires_at": self.closed_until}
            return {"state": state, "reported_by": told["closed_by"], **word}
        word = {"as_of": told["as_of"], "expires_at": self.expires_at}
        if state != UNKNOWN:
            word |= {name: told[name] for name in ("remaining", "wait_days", "note")}
        return {"state": state, "reported_by": told["reported_by"], **word} | {
            "disputed": told["disputed"]
        }
