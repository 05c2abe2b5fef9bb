"""What we understood of one record: the form every feed is read into."""

from dataclasses import dataclass, field
from typing import Any

from services.imports.phones import Number
from services.vocabulary import Kind, MoudPolicy


@dataclass(frozen=True, slots=True)
class Offer:
    """One kind of help as one record tells of it. What it does not say is absent or unknown.

    Attributes:
        hours: the feed's own text on opening hours.
    """

    access: dict[str, bool] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    min_age: int | None = None
    max_age: int | None = None
    methadone_policy: str = MoudPolicy.UNKNOWN.value
    buprenorphine_policy: str = MoudPolicy.UNKNOWN.value
    description: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a record says it is, in our spelling; ``postal_code`` has five digits in the US."""

    street: str
    extra: str
    city: str
    region: str
    postal_code: str
    country: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A point in degrees, what it stands for, and its IANA time zone."""

    lat: float
    lon: float
    accuracy: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One record, understood.

    Attributes:
        unproven: kinds the record names without being proof that they exist; another record of the
            same facility may prove them.
    """

    organization: str
    name: str
    address: Address
    spot: Spot
    phones: tuple[Number, ...] = ()
    website: str = ""
    naltrexone: bool | None = None
    offers: dict[str, Offer] = field(default_factory=dict)
    unproven: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For ``SourceRecord.reading``; ``reading_from`` undoes it."""
        stored = _values(self)
        stored["address"], stored["spot"] = _values(self.address), _values(self.spot)
        stored["offers"] = {kind: _values(offer) for kind, offer in self.offers.items()}
        return stored

    def hints_at(self, kind: Kind) -> bool:
        """Whether the record names a kind at all, proven or not."""
        return kind in self.offers or kind in self.unproven


def _values(thing: Any) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in thing.__slots__}


def reading_from(stored: dict[str, Any]) -> Reading:
    """The reading kept with a record."""
    return Reading(
        organization=stored["organization"],
        name=stored["name"],
        address=Address(**stored["address"]),
        spot=Spot(**stored["spot"]),
        phones=tuple(Number(*phone) for phone in stored["phones"]),
        website=stored["website"],
        naltrexone=stored["naltrexone"],
        offers={kind: _offer_from(offer) for kind, offer in stored["offers"].items()},
        unproven=tuple(stored["unproven"]),
    )


def _offer_from(stored: dict[str, Any]) -> Offer:
    return Offer(**{**stored, "languages": tuple(stored["languages"])})
