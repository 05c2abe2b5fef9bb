"""What a hidden site must not tell: its address and true point, and how either may be written."""

import base64
import functools
import gzip
import io
import re
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from django.contrib.gis.geos import Point

from services.geohash import LETTERS as ALPHABET
from services.models import Site

LETTERS = (6, 7, 8, 9)  # of a geohash: 1.2 km and finer
DECIMALS = (4, 5, 6, 7)  # 11 m and finer; fewer are a kilometre's
BY_CHANCE = 8  # letters of base64: fewer stand in one of some random tokens
# By the clock and since 1970: their seconds may be the digits of a latitude.
TIMES = re.compile(rb"(?<!\d)(?:\d\d:\d\d:\d\d|1\d{9})\.\d+")


@dataclass(frozen=True)
class Canary:
    """The words of one hidden site, which stand nowhere else."""

    address: str
    address_extra: str
    postal_code: str
    city: str
    lat: float
    lon: float

    def put(self, site: Site, visibility: str) -> None:
        """Let a site hide these."""
        site.address, site.address_extra = self.address, self.address_extra
        site.postal_code, site.visibility = self.postal_code, visibility
        if visibility == "phone_only":
            site.city = self.city
        site.location = Point(self.lon, self.lat, srid=4326)

    def forms(self) -> dict[str, bytes]:
        """By name, every way to write any of it that is searched for."""
        words = (self.address, self.address_extra, self.postal_code, self.city)
        found: dict[str, bytes] = {}
        for word in words:
            told = word.encode()
            found |= {
                f"{word} plain": told,
                f"{word} quoted": quote(word).encode(),
                f"{word} as a form": quote_plus(word).encode(),
                f"{word} hex": told.hex().encode(),
                f"{word} UTF-16": word.encode("utf-16-le"),
            }
            # Base64 of a piece, wherever it begins: its middle is the same in one of three.
            for shift in range(3):
                text = base64.b64encode(b"\0" * shift + told)
                whole = len(text) - 4 * ((shift + len(told)) % 3 > 0)  # what follows is in the rest
                piece = text[4 * (shift > 0) : whole]
                if len(piece) >= BY_CHANCE:
                    found[f"{word} base64 {shift}"] = piece
        for axis, degrees in (("lat", self.lat), ("lon", self.lon)):
            found |= {f"{axis} {n}": f"{degrees:.{n}f}".encode() for n in DECIMALS}
            found |= {f"{axis} {o}": struct.pack(f"{o}d", degrees) for o in "<>"}
            found |= {f"{axis} hex {o}": struct.pack(f"{o}d", degrees).hex().encode() for o in "<>"}
        found |= {f"geohash {n}": geohash_of(self.lat, self.lon, n).encode() for n in LETTERS}
        return found


def geohash_of(lat: float, lon: float, letters: int) -> str:
    """The geohash of a point: longitude and latitude halved in turn, five bits a letter."""
    bounds = {"lon": [-180.0, 180.0], "lat": [-90.0, 90.0]}
    text, bits = "", 0
    for n in range(5 * letters):
        axis, value = ("lon", lon) if n % 2 == 0 else ("lat", lat)
        low, high = bounds[axis]
        upper = value >= (low + high) / 2
        bounds[axis][0 if upper else 1] = (low + high) / 2
        bits = bits << 1 | upper
        if n % 5 == 4:
            text, bits = text + ALPHABET[bits & 31], 0
    return text


def canary(number: int) -> Canary:
    """The words of one site, in a grid of places around Philadelphia."""
    return Canary(
        address=f"77{number:02d} Wombatfield Alley",
        address_extra=f"Numbat door {number:02d}",
        postal_code=f"QZ{number:02d}X7",
        city=f"Bilbyborough{number:02d}",
        lat=39.951357 + number * 0.0171313,
        lon=-75.164913 - number * 0.0193717,
    )


def leaks(body: bytes, canaries: Sequence[Canary]) -> list[str]:
    """Names of what stands in an answer; what is packed is unpacked first."""
    names, any_of_them = _searched_for(tuple(canaries))
    told = (TIMES.sub(b" ", text) for text in _unpacked(body))
    hits = (any_of_them.findall(text.lower()) for text in told)
    return sorted({names[hit] for found in hits for hit in found})


@functools.cache
def _searched_for(canaries: tuple[Canary, ...]) -> tuple[dict[bytes, str], re.Pattern[bytes]]:
    """All forms in lower case, with their names; and what finds one of them."""
    names = {form.lower(): name for one in canaries for name, form in reversed(one.forms().items())}
    return names, re.compile(b"|".join(map(re.escape, names)))


def _unpacked(body: bytes) -> list[bytes]:
    texts = [body]
    if body[:2] == b"\x1f\x8b":
        texts.append(gzip.decompress(body))
    if body[:2] == b"PK":  # a spreadsheet
        with zipfile.ZipFile(io.BytesIO(body)) as files:
            texts += [files.read(name) for name in files.namelist()]
    return texts
