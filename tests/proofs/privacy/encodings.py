"""How a value may look in a file that holds it: the bytes to look for, by the name of the form.

Forms of fewer than ``LEAST`` bytes are left out: they turn up by chance. So a coordinate as a float
of four bytes counts only beside its other half, and an IPv4 address as four bytes only as
PostgreSQL stores it.
"""

import base64
import ipaddress
import json
import math
import struct
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from tests.proofs.privacy.canaries import DECIMALS, GEOHASH, Canary, geohash

LEAST = 6  # bytes
ROUNDED = (3, 4, 5, 6)  # decimals
SCALES = (5, 6, 7)  # powers of ten of a coordinate kept as a whole number

Form = tuple[str, bytes]


def forms_of(canary: Canary) -> Iterator[tuple[str, str, bytes]]:
    """What of a searcher (a field), in which form, as which bytes."""
    for field, forms in _fields(canary):
        for name, form in forms:
            if len(form) >= LEAST:
                yield field, name, form


def _fields(canary: Canary) -> Iterator[tuple[str, Iterable[Form]]]:
    yield "lat", degrees(canary.lat)
    yield "lon", degrees(canary.lon)
    yield "position", pair(canary.lat, canary.lon)
    yield "place", [*text(canary.place), *text(canary.place.split()[0])]
    for field in ("agent", "referrer", "token"):
        yield field, text(word_of(getattr(canary, field)))
    yield "address", address(canary.address)
    for claimed in canary.forwarded:
        yield "forwarded", address(claimed)


def word_of(sentence: str) -> str:
    """The word of a header's value that no other searcher has."""
    words = sentence.replace("https://", "").replace("hrl_", "").split()
    return words[-1].rstrip(")").partition(".")[0][:16]


def degrees(value: float) -> Iterator[Form]:
    """One coordinate."""
    exact = repr(value)
    yield from wrapped(exact)
    yield "percent, all", "".join(f"%{byte:02X}" for byte in exact.encode()).encode()
    for decimals in ROUNDED:
        yield f"rounded to {decimals}", f"{value:.{decimals}f}".encode()
        yield f"cut to {decimals}", exact[: len(exact) - DECIMALS + decimals].encode()
        yield from base64_of(f"{value:.{decimals}f}".encode(), " of it rounded")
    for scale in SCALES:
        yield f"times 1e{scale}", str(round(value * 10**scale)).encode()
    for order, sign in {"little": "<", "big": ">"}.items():
        yield from binary(f"{order}-endian double", struct.pack(f"{sign}d", value))
    yield from binary("radians", struct.pack("<d", math.radians(value)))


def pair(lat: float, lon: float) -> Iterator[Form]:
    """A position."""
    for sign, order in (("<", "little"), (">", "big")):
        for name, (one, other) in {"lat, lon": (lat, lon), "lon, lat": (lon, lat)}.items():
            yield f"{order}-endian floats, {name}", struct.pack(f"{sign}2f", one, other)
            for scale in SCALES:
                whole = [round(value * 10**scale) for value in (one, other)]
                yield f"{order}-endian integers 1e{scale}, {name}", struct.pack(f"{sign}2i", *whole)
        byte = b"\1" if sign == "<" else b"\0"
        point = struct.pack(f"{sign}2d", lon, lat)
        yield from binary("WKB", byte + struct.pack(f"{sign}I", 1) + point)
        srid = struct.pack(f"{sign}2I", 0x20000001, 4326)
        yield from binary("EWKB", byte + srid + point)
    yield "geohash", geohash(lat, lon, GEOHASH).encode()


def text(value: str) -> Iterator[Form]:
    """A text, as it is and as upper case."""
    yield from wrapped(value)
    yield "upper case", value.upper().encode()
    yield "JSON", json.dumps(value)[1:-1].encode()
    yield "Latin 1", value.encode("latin-1", "replace")


def wrapped(value: str) -> Iterator[Form]:
    """Plain text and what machines make of it on the way."""
    plain = value.encode()
    yield "raw", plain
    yield "percent", quote(value, safe="").encode()
    yield "percent, lower case", _lower_escapes(quote(value, safe="")).encode()
    yield "form", quote_plus(value).encode()
    yield from base64_of(plain)
    yield "hex", plain.hex().encode()
    yield "hex, upper case", plain.hex().upper().encode()
    yield "UTF-16, little-endian", value.encode("utf-16-le")
    yield "UTF-16, big-endian", value.encode("utf-16-be")


def base64_of(plain: bytes, of_what: str = "") -> Iterator[Form]:
    """The letters of Base64 that depend on these bytes alone, wherever in a text they stand."""
    for before in range(3):
        bits = 8 * before, 8 * (before + len(plain))
        first, last = math.ceil(bits[0] / 6), bits[1] // 6
        padded = bytes(before) + plain
        yield f"Base64 after {before}{of_what}", base64.b64encode(padded)[first:last]
        safe = base64.urlsafe_b64encode(padded)[first:last]
        yield f"Base64 for URLs after {before}{of_what}", safe


def binary(name: str, form: bytes) -> Iterator[Form]:
    """Bytes, and the same in hex, as dumps and psql write them."""
    yield name, form
    yield f"{name}, hex", form.hex().encode()
    yield f"{name}, hex, upper case", form.hex().upper().encode()


def address(value: str) -> Iterator[Form]:
    """An IP address, and of IPv6 its first half, which a home has to itself."""
    parsed = ipaddress.ip_address(value)
    yield from wrapped(value)
    if parsed.version == 4:
        yield "inet of PostgreSQL", b"\2\x20" + parsed.packed
        yield "whole number", str(int(parsed)).encode()
        return
    yield "written out", parsed.exploded.encode()
    yield "packed", parsed.packed
    yield "packed, hex", parsed.packed.hex().encode()
    yield "first half", ":".join(parsed.exploded.split(":")[:4]).encode()
    yield "first half, packed", parsed.packed[:8]
    yield "first half, short", ":".join(value.split(":")[:4]).encode()


def _lower_escapes(quoted: str) -> str:
    parts = quoted.split("%")
    return "%".join([parts[0], *(part[:2].lower() + part[2:] for part in parts[1:])])
