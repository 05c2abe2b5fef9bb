"""What a searcher of the census sends: values that nobody else in the world has.

Their positions lie in the South Pacific, where no service and no town is: a rounded
coordinate means this searcher and nobody's address.
"""

import ipaddress
import random
import string
from dataclasses import dataclass
from typing import Any

SOUTH, NORTH = -42.9, -31.6  # degrees; as longitudes they would lie in the Atlantic
WEST, EAST = -179.9, -126.1  # three digits before the point, and a sign, which no clock has
DECIMALS = 12
WORD_LETTERS = 16
DOCUMENTATION = ipaddress.IPv6Network("2001:db8::/32")  # RFC 3849
GEOHASH_LETTERS = "0123456789bcdefghjkmnpqrstuvwxyz"
GEOHASH = 6  # letters, a cell of 0.6 km
LEAST_PECULIAR = 2  # letters of a geohash that no UUID has


@dataclass(frozen=True, slots=True)
class Canary:
    """One searcher.

    Attributes:
        number: of the searcher, for the report.
        place: free text with letters beyond ASCII; its first word is its own.
        agent, referrer, token: what a browser or an app sends along; each has a word of its own.
        address: on loopback, whence they call.
        forwarded: an IPv4 and an IPv6 address they claim to call from.
    """

    number: int
    lat: float
    lon: float
    place: str
    agent: str
    referrer: str
    token: str
    address: str
    forwarded: tuple[str, str]

    @property
    def position(self) -> dict[str, Any]:
        """As a search sends it."""
        return {"lat": self.lat, "lon": self.lon}

    @property
    def headers(self) -> dict[str, str]:
        """What goes with every request."""
        return {
            "User-Agent": self.agent,
            "Referer": self.referrer,
            "Authorization": f"Bearer {self.token}",
            "X-Forwarded-For": ", ".join(self.forwarded),
        }


def a_canary(number: int, dice: random.Random) -> Canary:
    """A searcher with values of their own, the same for the same dice."""
    place, agent, referrer, token = (_word(dice) for _ in range(4))
    lat, lon = _position(dice)
    return Canary(
        number=number,
        lat=lat,
        lon=lon,
        place=f"{place} Cañón, Ürün",
        agent=f"Mozilla/5.0 (Census; {agent})",
        referrer=f"https://{referrer}.example/shelter?q={referrer}",
        token=f"hrl_{token}{token}",
        address=f"127.{dice.randint(100, 254)}.{_own(number)}",
        forwarded=(
            f"203.{dice.randint(100, 254)}.{_own(number)}",
            str(DOCUMENTATION[dice.getrandbits(96)]),
        ),
    )


def canaries(first: int, count: int, seed: int) -> list[Canary]:
    """So many searchers, each unlike all others."""
    return [a_canary(first + n, random.Random(f"{seed} {first + n}")) for n in range(count)]


def _own(number: int) -> str:
    """The end of an address, each part of three digits: another for 24,025 numbers in a row."""
    before, last = divmod(number, 155)
    return f"{100 + before % 155}.{100 + last}"


def _word(dice: random.Random) -> str:
    return "".join(dice.choices(string.ascii_lowercase, k=WORD_LETTERS))


def _position(dice: random.Random) -> tuple[float, float]:
    """A position whose geohash cannot be taken for a part of a UUID."""
    while True:
        lat, lon = _degrees(dice, SOUTH, NORTH), _degrees(dice, WEST, EAST)
        peculiar = set(geohash(lat, lon, GEOHASH)) - set(string.hexdigits)
        if len(peculiar) >= LEAST_PECULIAR:
            return lat, lon


def geohash(lat: float, lon: float, letters: int) -> str:
    """The geohash of a position.

    Source: G. Niemeyer's geohash: bits of longitude and latitude in turn, five to a letter.
    """
    edges = {0: [-180.0, 180.0], 1: [-90.0, 90.0]}
    value, found = (lon, lat), 0
    for bit in range(5 * letters):
        axis = bit % 2
        middle = sum(edges[axis]) / 2
        above = value[axis] >= middle
        edges[axis][0 if above else 1] = middle
        found = found * 2 + above
    return "".join(GEOHASH_LETTERS[found >> 5 * n & 31] for n in reversed(range(letters)))


def _degrees(dice: random.Random, least: float, most: float) -> float:
    """Degrees whose shortest decimal form has all the decimals, the last of them not zero."""
    told = f"{dice.uniform(least, most):.{DECIMALS - 1}f}{dice.randint(1, 9)}"
    return float(told)
