"""What a site should be by all that live records say of it: one pure function of its readings.

An import compares this before and after, and writes only what differs. So what people edited stays,
and the order in which feeds came does not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.imports.phones import MAX_NUMBERS, Number
from services.imports.readings import Address, Offer, Reading, Spot
from services.vocabulary import LocationAccuracy, MoudPolicy

SURER = (LocationAccuracy.ROOFTOP, LocationAccuracy.STREET, LocationAccuracy.POSTAL_CODE)
POLICIES = (MoudPolicy.PROVIDES, MoudPolicy.FORBIDS, MoudPolicy.ACCEPTS, MoudPolicy.UNKNOWN)


class Told(NamedTuple):
    """A reading, with the rank of its feed and its key there."""

    rank: int
    key: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Wanted:
    """A site as its records describe it."""

    organization: str
    name: str
    address: Address
    spot: Spot
    phones: tuple[Number, ...]
    website: str
    naltrexone: bool | None
    services: dict[str, Offer]


def wanted_from(told: Sequence[Told]) -> Wanted | None:
    """The site these records describe, or None if there are none.

    The best ranked feed's fullest record names it; the surest point places it; phones and kinds of
    help are those of all. A kind that a record names without proof needs another that proves it.
    """
    if not told:
        return None
    ranked = sorted(told, key=lambda one: (one.rank, -len(one.reading.offers), one.key))
    readings = [one.reading for one in ranked]
    first = readings[0]
    kinds = sorted({kind for reading in readings for kind in reading.offers})
    return Wanted(
        organization=first.organization,
        name=first.name,
        address=first.address,
        spot=min(
            (reading.spot for reading in readings),
            key=lambda spot: SURER.index(LocationAccuracy(spot.accuracy)),
        ),
        phones=_phones(readings),
        website=next((reading.website for reading in readings if reading.website), ""),
        naltrexone=True if any(reading.naltrexone for reading in readings) else None,
        services={
            kind: _together([one.offers[kind] for one in readings if kind in one.offers])
            for kind in kinds
        },
    )


def _phones(readings: Sequence[Reading]) -> tuple[Number, ...]:
    found: dict[tuple[str, str], Number] = {}
    for reading in readings:
        for phone in reading.phones:
            found.setdefault((phone.number, phone.extension), phone)
    return tuple(found.values())[:MAX_NUMBERS]


def _together(offers: Sequence[Offer]) -> Offer:
    """One offer of several records' words; where they disagree on a fact, it is unknown."""
    facts = {fact for offer in offers for fact in offer.access}
    answers = {fact: {one.access[fact] for one in offers if fact in one.access} for fact in facts}
    return Offer(
        access={fact: said.pop() for fact, said in sorted(answers.items()) if len(said) == 1},
        languages=tuple(sorted({language for offer in offers for language in offer.languages})),
        min_age=_age([offer.min_age for offer in offers], youngest=True),
        max_age=_age([offer.max_age for offer in offers], youngest=False),
        methadone_policy=_policy([offer.methadone_policy for offer in offers]),
        buprenorphine_policy=_policy([offer.buprenorphine_policy for offer in offers]),
        description=_joined([offer.description for offer in offers], " "),
        hours=_joined([offer.hours for offer in offers], " | "),
    )


def _age(ages: list[int | None], *, youngest: bool) -> int | None:
    """The widest limit; none if a record names no limit, for it may serve anyone."""
    known = [age for age in ages if age is not None]
    if len(known) < len(ages):
        return None
    return min(known) if youngest else max(known)


def _policy(said: list[str]) -> str:
    known = {MoudPolicy(policy) for policy in said}
    if MoudPolicy.FORBIDS in known and known & {MoudPolicy.PROVIDES, MoudPolicy.ACCEPTS}:
        return MoudPolicy.UNKNOWN.value
    return next(policy.value for policy in POLICIES if policy in known)


def _joined(texts: list[str], between: str) -> str:
    return between.join(dict.fromkeys(text for text in texts if text))
