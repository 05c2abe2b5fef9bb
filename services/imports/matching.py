"""Which records tell of the same facility.

A wrong merge sends somebody to a door that does not do what it says, a missed one only lists a door
twice; so both address and organization must agree. The result does not depend on the order of rows.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from services.geodesy import great_circle_m
from services.imports.addresses import Street, same_street, street_of
from services.imports.names import APART, SAME, names_agree
from services.imports.readings import Reading
from services.imports.text import folded
from services.vocabulary import Kind, LocationAccuracy

SAME_DOOR_M = 300.0  # two geocodes of one house
TOO_FAR_M = 3_000.0  # two geocodes of one house, unless the postal code too says it is one


@dataclass(slots=True, eq=False)
class Candidate:
    """A record in the comparison: where it stands in order, and what is compared.

    Attributes:
        order: the source and key, which decide ties.
        site: the site a known record belongs to, or None for a new one.
    """

    order: tuple[str, str]
    site: Hashable | None
    names: tuple[str, ...]
    street: Street
    region: str
    city: str
    postal_code: str
    point: tuple[float, float] | None
    numbers: frozenset[tuple[str, str]]
    methadone: bool


def candidate(order: tuple[str, str], reading: Reading, site: Hashable | None = None) -> Candidate:
    """What of a reading is compared."""
    address, spot = reading.address, reading.spot
    exact = spot.accuracy != LocationAccuracy.POSTAL_CODE
    names = (reading.organization, f"{reading.organization} {reading.name}", reading.name)
    return Candidate(
        order=order,
        site=site,
        names=tuple(dict.fromkeys(names if reading.name != reading.organization else names[:1])),
        street=street_of(address.street),
        region=f"{address.country}-{address.region}",
        city=folded(address.city),
        postal_code=address.postal_code.replace(" ", ""),
        point=(spot.lat, spot.lon) if exact else None,
        numbers=frozenset((phone.number, phone.extension) for phone in reading.phones),
        methadone=reading.hints_at(Kind.METHADONE),
    )


def sameness(one: Candidate, other: Candidate) -> int:
    """How sure it is that two records tell of the same facility: 0 is no, 3 the surest."""
    if one.region != other.region or not _same_place(one, other):
        return 0
    agreed = max(names_agree(a, b) for a in one.names for b in other.names)
    if agreed != APART:
        return 3 if agreed == SAME else 2
    # Opioid treatment programs are listed by their legal name here and their trade name there;
    # two of them behind one house number are one.
    return int(bool(one.numbers & other.numbers) or (one.methadone and other.methadone))


def _same_place(one: Candidate, other: Candidate) -> bool:
    metres = great_circle_m(*one.point, *other.point) if one.point and other.point else None
    near = metres is not None and metres <= SAME_DOOR_M
    same_code = one.postal_code == other.postal_code != ""
    same_town = same_code or one.city == other.city
    if metres is not None and metres > TOO_FAR_M and not same_code:
        return False
    return (near or same_town) and same_street(one.street, other.street)


@dataclass(slots=True)
class Groups:
    """Records joined into facilities; no join ever brings two known sites together."""

    parent: dict[int, int] = field(default_factory=dict)
    site: dict[int, Hashable] = field(default_factory=dict)

    def root(self, at: int) -> int:
        """The record that stands for a group."""
        while self.parent.setdefault(at, at) != at:
            self.parent[at] = at = self.parent[self.parent[at]]
        return at

    def join(self, one: int, other: int) -> bool:
        """Make two groups one; False if each already is a site of its own."""
        first, second = self.root(one), self.root(other)
        if first == second:
            return True
        sites = {self.site[root] for root in (first, second) if root in self.site}
        if len(sites) > 1:
            return False
        self.parent[second] = first
        if sites:
            self.site[first] = sites.pop()
        return True


@dataclass(frozen=True, slots=True)
class Matches:
    """Where each new record belongs.

    Attributes:
        groups: the new records of each facility, in order, with the site it already has or None.
        doubles: pairs of sites that a record says are one; they are left for a person to merge.
    """

    groups: list[tuple[Hashable | None, list[Candidate]]]
    doubles: set[tuple[Hashable, Hashable]]


def match(new: Iterable[Candidate], known: Iterable[Candidate]) -> Matches:
    """Join new records with known sites and with one another, the surest pairs first."""
    everyone = sorted([*new, *known], key=lambda one: (one.order, one.site is None))
    groups, doubles = Groups(), set()
    first_of: dict[Hashable, int] = {}
    for at, one in enumerate(everyone):
        if one.site is not None:
            groups.site.setdefault(groups.root(at), one.site)
            groups.join(first_of.setdefault(one.site, at), at)
    for _, at, other in sorted(_pairs(everyone), key=lambda pair: (-pair[0], pair[1], pair[2])):
        if not groups.join(at, other):
            sites = (groups.site[groups.root(at)], groups.site[groups.root(other)])
            doubles.add(min(sites, sites[::-1], key=str))
    members: dict[int, list[Candidate]] = defaultdict(list)
    for at, one in enumerate(everyone):
        if one.site is None:
            members[groups.root(at)].append(one)
    return Matches([(groups.site.get(root), ones) for root, ones in members.items()], doubles)


def _pairs(everyone: Sequence[Candidate]) -> set[tuple[int, int, int]]:
    blocks: dict[tuple[Hashable, ...], list[int]] = defaultdict(list)
    for at, one in enumerate(everyone):
        door = one.street.number or one.street.name
        if not door:
            continue
        blocks["zip", one.region, one.postal_code, door].append(at)
        blocks["city", one.region, one.city, door].append(at)
        if one.point:
            for cell in _cells(*one.point):
                blocks["cell", *cell, door].append(at)
    found = set()
    for block in blocks.values():
        for at, other in combinations(block, 2):
            one, two = everyone[at], everyone[other]
            if (one.site is None or two.site is None) and (sure := sameness(one, two)):
                found.add((sure, at, other))
    return found


def _cells(lat: float, lon: float) -> list[tuple[int, int]]:
    """The cell of 0.005° and its neighbours to the north and east: near points share one."""
    row, column = int(lat * 200 // 1), int(lon * 200 // 1)
    return [(row, column), (row + 1, column), (row, column + 1), (row + 1, column + 1)]
