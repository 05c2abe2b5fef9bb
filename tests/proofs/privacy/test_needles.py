"""Every form of a value is found, as a program that knows nothing of the census wrote it."""

import base64
import gzip
import io
import ipaddress
import json
import math
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from email.message import EmailMessage
from urllib.parse import quote, quote_plus, urlencode

import pytest
from django.contrib.gis.geos import Point, WKBWriter

from tests.proofs.privacy import needles
from tests.proofs.privacy.canaries import Canary, a_canary, canaries, geohash
from tests.proofs.privacy.encodings import LEAST, forms_of, word_of
from tests.proofs.privacy.needles import Needles
from tests.proofs.privacy.unpacking import layers_of

ONE = a_canary(7, random.Random(6))
NEEDLES = Needles([ONE])
POINT = Point(ONE.lon, ONE.lat, srid=4326)
AGENT, REFERRER = word_of(ONE.agent), word_of(ONE.referrer)
FOUR, SIX = (ipaddress.ip_address(text) for text in (ONE.address, ONE.forwarded[1]))


def big_endian_wkb() -> bytes:
    writer = WKBWriter()
    writer.byteorder = 0
    return bytes(writer.write(POINT))


# What is written, and as what it must be found.
WRITTEN: list[tuple[str, str, bytes]] = [
    ("lat", "raw", json.dumps(ONE.position).encode()),
    ("lat", "cut to 3", f"{ONE.lat:.12f}"[:7].encode() + b" N"),
    ("lat", "cut to 4", f"{ONE.lat:.12f}"[:8].encode() + b" N"),
    ("lat", "cut to 5", f"{ONE.lat:.12f}"[:9].encode() + b" N"),
    ("lat", "cut to 6", f"{ONE.lat:.12f}"[:10].encode() + b" N"),
    *(("lon", f"rounded to {n}", f"({ONE.lon:.{n}f})".encode()) for n in (3, 4, 5, 6)),
    ("lat", "percent, all", "".join(f"%{ord(c):02X}" for c in repr(ONE.lat)).encode()),
    ("lat", "hex", repr(ONE.lat).encode().hex().encode()),
    ("lat", "hex, upper case", repr(ONE.lat).encode().hex().upper().encode()),
    ("lat", "UTF-16, little-endian", repr(ONE.lat).encode("utf-16")),
    ("lat", "UTF-16, big-endian", repr(ONE.lat).encode("utf-16-be")),
    *(
        ("lon", f"Base64 after {n}", base64.b64encode(b"abc"[:n] + f"{ONE.lon}, ".encode()))
        for n in range(3)
    ),
    *(
        (
            "lon",
            f"Base64 after {n} of it rounded",
            base64.b64encode(b"abc"[:n] + b"%.6f," % ONE.lon),
        )
        for n in range(3)
    ),
    *(
        ("lat", f"times 1e{n}", f"{math.floor(ONE.lat * 10**n + 0.5):d}".encode())
        for n in (5, 6, 7)
    ),
    ("lat", "little-endian double", struct.pack("<3d", 1, ONE.lat, 2)),
    ("lat", "big-endian double", struct.pack(">3d", 1, ONE.lat, 2)),
    ("lat", "little-endian double, hex", struct.pack("<d", ONE.lat).hex().encode()),
    (
        "lat",
        "big-endian double, hex, upper case",
        struct.pack(">d", ONE.lat).hex().upper().encode(),
    ),
    ("lat", "radians", struct.pack("<d", math.radians(ONE.lat))),
    ("position", "little-endian floats, lat, lon", struct.pack("<2f", ONE.lat, ONE.lon)),
    ("position", "little-endian floats, lon, lat", struct.pack("<2f", ONE.lon, ONE.lat)),
    ("position", "big-endian floats, lon, lat", struct.pack(">2f", ONE.lon, ONE.lat)),
    *(
        (
            "position",
            f"{order}-endian integers 1e{n}, lat, lon",
            struct.pack(f"{sign}2i", round(ONE.lat * 10**n), round(ONE.lon * 10**n)),
        )
        for n in (5, 6, 7)
        for order, sign in (("little", "<"), ("big", ">"))
    ),
    ("position", "WKB", bytes(POINT.wkb)),
    ("position", "WKB", big_endian_wkb()),
    ("position", "EWKB", bytes(POINT.ewkb)),
    ("position", "WKB, hex, upper case", POINT.hex),
    ("position", "EWKB, hex, upper case", POINT.hexewkb),
    ("position", "EWKB, hex", POINT.hexewkb.lower()),
    ("place", "raw", f"place={ONE.place}".encode()),
    ("place", "upper case", ONE.place.upper().encode()),
    ("place", "percent", quote(ONE.place).encode()),
    ("place", "form", quote_plus(ONE.place).encode()),
    ("place", "form", urlencode({"place": ONE.place}).encode()),
    ("place", "JSON", json.dumps({"place": ONE.place}).encode()),
    ("place", "Latin 1", ONE.place.encode("latin-1")),
    ("place", "UTF-16, little-endian", ONE.place.encode("utf-16-le")),
    *(
        (
            "agent",
            f"Base64 for URLs after {n}",
            base64.urlsafe_b64encode(b"???"[:n] + AGENT.encode()),
        )
        for n in range(3)
    ),
    ("referrer", "hex", REFERRER.encode().hex().encode()),
    ("token", "raw", f"Bearer {ONE.token}".encode()),
    ("address", "raw", f"from {ONE.address}:443".encode()),
    ("address", "inet of PostgreSQL", b"\x0d\x02\x20" + FOUR.packed),
    ("address", "whole number", str(int(FOUR)).encode()),
    ("forwarded", "raw", f"[{SIX}]:443".encode()),
    ("forwarded", "written out", SIX.exploded.encode()),
    ("forwarded", "packed", SIX.packed),
    ("forwarded", "packed, hex", SIX.packed.hex().encode()),
    ("forwarded", "first half", f"{':'.join(SIX.exploded.split(':')[:4])}::/64".encode()),
    ("forwarded", "first half, packed", SIX.packed[:8] + bytes(8)),
    (
        "forwarded",
        "first half, short",
        str(ipaddress.ip_network((int(SIX) >> 64 << 64, 64))).encode(),
    ),
]


@pytest.mark.parametrize(("field", "form", "written"), WRITTEN)
def test_a_value_is_found_in_each_form(field: str, form: str, written: bytes) -> None:
    found = {(hit.field, hit.form) for hit in NEEDLES.found_in(b"\0<" + written + b">\n")}
    assert (field, form) in found


def test_forms_without_a_test_are_known() -> None:
    """A form that is added needs a line above."""
    tried = {form for _, form, _ in WRITTEN}
    others = {form for _, form, _ in forms_of(ONE)} - tried
    assert {form for form in others if "hex" not in form} == {
        *(f"big-endian floats, {pair}" for pair in ("lat, lon",)),
        *(
            f"{order}-endian integers 1e{n}, lon, lat"
            for n in (5, 6, 7)
            for order in ("big", "little")
        ),
        *(f"Base64 for URLs after {n} of it rounded" for n in range(3)),
        "geohash",
        "percent, lower case",
    }


@pytest.mark.django_db
def test_a_geohash_is_that_of_postgis() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT ST_GeoHash(ST_MakePoint(%s, %s), 9)", [ONE.lon, ONE.lat])
        told = cursor.fetchone()[0]
    assert geohash(ONE.lat, ONE.lon, 9) == told
    assert {hit.form for hit in NEEDLES.found_in(told.encode())} == {"geohash"}


def test_escapes_in_lower_case_are_found_too() -> None:
    written = quote(ONE.place).replace("%C3%", "%c3%").replace("%B1", "%b1").replace("%9C", "%9c")
    written = written.replace("%B3", "%b3").replace("%BC", "%bc").replace("%2C", "%2c")
    assert "percent, lower case" in {hit.form for hit in NEEDLES.found_in(written.encode())}


def test_other_peoples_values_are_not_taken_for_theirs() -> None:
    others = canaries(100, 50, seed=2)
    everything = b"\n".join(form for one in others for _, _, form in forms_of(one))
    assert list(NEEDLES.found_in(everything)) == []


def test_no_two_searchers_share_a_value_and_no_form_is_short() -> None:
    everybody = canaries(20_000, 300, seed=3)
    for field in ("lat", "lon", "place", "agent", "referrer", "token", "address", "forwarded"):
        assert len({getattr(one, field) for one in everybody}) == len(everybody)
    assert all(len(form) >= LEAST for one in everybody[:20] for _, _, form in forms_of(one))


def test_a_value_across_two_pieces_of_a_large_file_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(needles, "AT_ONCE", 1000)
    content = bytes(1000 - 4) + ONE.place.encode()
    assert "place" in {hit.field for hit in NEEDLES.found_in(content)}


def zipped(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", content)
    return file.getvalue()


@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        zlib.compress,
        zipped,
        lambda content: gzip.compress(b"first") + gzip.compress(content),
        lambda content: zipped(gzip.compress(content)),
        lambda content: gzip.compress(content + b"x" * 10_000)[:-9],  # cut off
    ],
)
def test_what_is_packed_is_read(pack: Callable[[bytes], bytes]) -> None:
    packed = pack(f"{ONE.lat} {ONE.place}".encode())
    assert not list(NEEDLES.found_in(packed))
    found = [hit for _, layer in layers_of(packed) for hit in NEEDLES.found_in(layer)]
    assert {hit.field for hit in found} == {"lat", "place"}


def test_a_word_that_a_mail_breaks_in_two_lines_is_read() -> None:
    message = EmailMessage()
    message.set_content("x" * 50 + AGENT, cte="base64")  # a line holds 57 bytes
    assert not list(NEEDLES.found_in(bytes(message)))
    found = [hit for _, layer in layers_of(bytes(message)) for hit in NEEDLES.found_in(layer)]
    assert {hit.field for hit in found} == {"agent"}


def test_a_broken_archive_is_read_as_it_is() -> None:
    for start in (b"\x1f\x8b", b"x\x9c", b"PK\x03\x04"):
        content = start + b"nothing of the kind " + ONE.place.encode()
        assert any(layer == content for _, layer in layers_of(content))


def test_what_a_searcher_sends_is_in_what_is_looked_for() -> None:
    """Whoever adds a header or a value to them must say how to find it."""
    sent = [*ONE.headers.values(), *map(repr, ONE.position.values()), ONE.place, ONE.address]
    fields = {hit.field for text in sent for hit in NEEDLES.found_in(text.encode())}
    named = set(Canary.__dataclass_fields__) - {"number"} | {"position"}
    assert fields | {"position"} == named
