"""Services in small blocks of neighbours, so that a search passes over what is far."""

from collections.abc import Iterator
from operator import attrgetter
from typing import NamedTuple

from locator_offline.geodesy import Point, earth_point
from locator_offline.ranking import PRIOR_STRENGTH
from locator_offline.records import Service, Site

IN_A_BLOCK = 32  # services at most


class Entry(NamedTuple):
    """A service at its site, ready to be weighed.

    Attributes:
        number: the service's id as a number.
        x, y, z: metres from the Earth's middle; 0 for a service without a point.
        best: the chance that a visit succeeds, at best and at any time.
    """

    service: Service
    site: Site
    number: int
    x: float
    y: float
    z: float
    best: float


def entry_of(service: Service, site: Site) -> Entry:
    """A service at its site."""
    point = (0.0, 0.0, 0.0)
    if site.lat is not None and site.lon is not None:
        point = earth_point(site.lat, site.lon)
    likely = service.evidence_for
    best = (PRIOR_STRENGTH * service.prior + likely) / (PRIOR_STRENGTH + likely)
    return Entry(service, site, service.number, *point, best)


class Block(NamedTuple):
    """Neighbours of one kind.

    Attributes:
        low, high: corners of a box in space that holds them.
        best: the best chance of any of them.
    """

    kind: str
    entries: list[Entry]
    low: Point
    high: Point
    best: float

    def least_m(self, x: float, y: float, z: float) -> float:
        """The least metres, straight, from a point in space to any of them."""
        (x0, y0, z0), (x1, y1, z1) = self.low, self.high
        dx, dy, dz = max(x0 - x, 0.0, x - x1), max(y0 - y, 0.0, y - y1), max(z0 - z, 0.0, z - z1)
        return float((dx * dx + dy * dy + dz * dz) ** 0.5)


AXES = [attrgetter(axis) for axis in "xyz"]


def blocks_of(kind: str, entries: list[Entry]) -> Iterator[Block]:
    """Services of a kind in blocks: halved along their longest side until each half is small."""
    low = tuple(min(map(axis, entries)) for axis in AXES)
    high = tuple(max(map(axis, entries)) for axis in AXES)
    if len(entries) <= IN_A_BLOCK:
        best = max(entry.best for entry in entries)
        yield Block(kind, entries, low, high, best)
        return
    longest = max(range(3), key=lambda axis: high[axis] - low[axis])
    entries = sorted(entries, key=AXES[longest])
    middle = len(entries) // 2
    yield from blocks_of(kind, entries[:middle])
    yield from blocks_of(kind, entries[middle:])
