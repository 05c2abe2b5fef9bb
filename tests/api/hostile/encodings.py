"""Bodies in other encodings than UTF-8, texts that are hardly any, and media types that lie."""

import gzip
import json
import zlib

from api.refusals import (
    INVALID,
    MALFORMED,
    PLACE_NOT_FOUND,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    Refusal,
)
from tests.api.hostile.case import GOOD, SERVICE, Case, a_search

TEXT = GOOD.decode()
REPORTS = f"/api/v1/services/{SERVICE}/reports/"
EVENT = "e0e27000-0000-4000-8000-000000000001"


BODIES: dict[str, tuple[bytes, Refusal]] = {
    "UTF-16 with a mark": (TEXT.encode("utf-16"), MALFORMED),
    "UTF-16, little end first": (TEXT.encode("utf-16-le"), MALFORMED),
    "UTF-16, big end first": (TEXT.encode("utf-16-be"), MALFORMED),
    "UTF-32": (TEXT.encode("utf-32"), MALFORMED),
    "UTF-7": ('{"place":"Canary é"}'.encode("utf-7"), PLACE_NOT_FOUND),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD, MALFORMED),
    "two byte order marks": (b"\xef\xbb\xbf" * 2 + GOOD, MALFORMED),
    "Latin-1": ('{"place":"Montréal Canary"}'.encode("latin-1"), MALFORMED),
    "Windows-1252": ('{"place":"Canary’s"}'.encode("cp1252"), MALFORMED),
    "EBCDIC": (TEXT.encode("cp500"), MALFORMED),
    "Shift JIS": ('{"place":"カナリア"}'.encode("shift-jis"), MALFORMED),
    "an overlong slash": (b'{"place":"canary\xc0\xaf"}', MALFORMED),
    "an overlong NUL": (b'{"place":"canary\xc0\x80"}', MALFORMED),
    "overlong in three bytes": (b'{"place":"canary\xe0\x80\xaf"}', MALFORMED),
    "a surrogate in bytes": (b'{"place":"canary\xed\xa0\x80"}', MALFORMED),
    "a pair of surrogates in bytes": (b'{"place":"canary\xed\xa0\xbd\xed\xb8\x80"}', MALFORMED),
    "beyond Unicode": (b'{"place":"canary\xf4\x90\x80\x80"}', MALFORMED),
    "a byte that never occurs": (b'{"place":"canary\xfe"}', MALFORMED),
    "a lonely continuation": (b'{"place":"canary\x80"}', MALFORMED),
    "a character cut short": (b'{"place":"canary\xe2\x82"}', MALFORMED),
    "cut in the last character": (b'{"place":"canary\xe2\x82', MALFORMED),
    "NUL before": (b"\x00" + GOOD, MALFORMED),
    "NUL after": (GOOD + b"\x00", MALFORMED),
    "NUL within a text": (b'{"place":"can\x00ary"}', MALFORMED),
    "only NUL": (b"\x00" * 100, MALFORMED),
    "gzip": (gzip.compress(GOOD, mtime=0), MALFORMED),
    "deflate": (zlib.compress(GOOD), MALFORMED),
    "a gzip bomb": (gzip.compress(b" " * 10_000_000, mtime=0), MALFORMED),
    "a form": (b"lat=39.9526&lon=-75.1652", MALFORMED),
    "XML": (b"<?xml version='1.0'?><lat>39.9526</lat>", MALFORMED),
    "pickle": (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94.", MALFORMED),
    "a very long text": (b'{"place":"' + b"canary" * 4_000 + b'"}', TOO_LARGE),
}
# Texts in good UTF-8, as JSON spells them, and what a search for such a place says.
PLACES: dict[str, tuple[str, Refusal]] = {
    "NUL": (r"can\u0000ary", INVALID),
    "a lone high surrogate": (r"canary\ud800", INVALID),
    "a lone low surrogate": (r"\udc00canary", INVALID),
    "surrogates the wrong way round": (r"canary\udc00\ud800", INVALID),
    "a line break": (r"canary\nrow", INVALID),
    "a bell": (r"canary\u0007", INVALID),
    "an escape sequence": (r"\u001b[31mcanary", INVALID),
    "a control of Latin-1": (r"canary\u0085", INVALID),
    "delete": (r"canary\u007f", INVALID),
    "only spaces": (" " * 50, INVALID),
    "too long": ("canary" * 20, INVALID),
    "right to left": (r"\u202eyranac", PLACE_NOT_FOUND),
    "isolates": (r"\u2066canary\u2069", PLACE_NOT_FOUND),
    "zero width": (r"c\u200banary", PLACE_NOT_FOUND),
    "only zero width": (r"\u200b\u200d\ufeff", PLACE_NOT_FOUND),
    "no character": (r"canary\ufffe\uffff", PLACE_NOT_FOUND),
    "private use": (r"canary\ue000", PLACE_NOT_FOUND),
    "emoji": (r"canary\ud83c\udfe5", PLACE_NOT_FOUND),
    "fifty accents": ("canary" + r"\u0301" * 50, PLACE_NOT_FOUND),
    "a ligature that grows": (r"\ufdfa" * 30, PLACE_NOT_FOUND),
    "a sharp s that grows": ("ß" * 90, PLACE_NOT_FOUND),
    "a Turkish i": (r"\u0130stanbul canary", PLACE_NOT_FOUND),
    "Arabic digits": (r"\u0661\u0669\u0661\u0660\u0663", PLACE_NOT_FOUND),
    "SQL": ("canary'; DROP TABLE services_site; --", PLACE_NOT_FOUND),
    "a wildcard": ("%_canary%", PLACE_NOT_FOUND),
    "a template": ("{{canary}} ${canary} %s %n", PLACE_NOT_FOUND),
    "markup": ("<script>canary</script>", PLACE_NOT_FOUND),
    "commas": (",,,,,canary,,,,", PLACE_NOT_FOUND),
    "only a comma": (",", PLACE_NOT_FOUND),
    "a ZIP code too long": ("191031234567", PLACE_NOT_FOUND),
    "a ZIP code and a half": ("19103-", PLACE_NOT_FOUND),
    "backslashes": (r"canary\\\\\\", PLACE_NOT_FOUND),
}
# What stands in Content-Type before a good search.
TYPES: dict[str, bool] = {
    **dict.fromkeys(
        (
            "application/json; charset=utf-8",
            "application/json;charset=UTF-8",
            'application/json; charset="utf-8"',
            "APPLICATION/JSON",
            "application/json; charset=latin-1",  # JSON is UTF-8, whatever is said
            "application/json; charset=utf-16",
            "application/json; charset=canary",
            "application/json;",
            "application/json; lat=39.9526",
            "application/json; q=1; q=2; q=3",
            "application/json; a*0*=utf-8''%f",
        ),
        True,
    ),
    **dict.fromkeys(
        (
            "",
            "text/json",
            "text/plain",
            "application/geo+json",
            "application/json-patch+json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=canary",
            "multipart/form-data",
            "application/json, application/json",
            "application/json\x00",
            "application",
            "/",
            "*/*",
            "application/xml; charset=utf-8",
            "application/json; a*=x''%ff",
            "application/" + "j" * 5_000,
        ),
        False,
    ),
}


def _notes() -> list[Case]:
    """The texts of a report: one line that people write."""
    found = []
    for what in ("NUL", "a lone high surrogate", "an escape sequence", "a line break"):
        text, refused = PLACES[what]
        body = f'{{"id":"{EVENT}","state":"full","note":"{text}"}}'.encode()
        name = f"the note of a report holds {what}"
        found.append(
            Case(name, refused, path=REPORTS, body=body, role="staff", field="note"),
        )
    return found


def _packed() -> list[Case]:
    """Bodies whose headers say that they are packed, or in pieces."""
    told = {
        "gzip": {"HTTP_CONTENT_ENCODING": "gzip"},
        "gzip, twice": {"HTTP_CONTENT_ENCODING": "gzip, gzip"},
        "brotli": {"HTTP_CONTENT_ENCODING": "br"},
        "something new": {"HTTP_CONTENT_ENCODING": "canary"},
        "in pieces": {"HTTP_TRANSFER_ENCODING": "chunked"},
        "in pieces and gzip": {"HTTP_TRANSFER_ENCODING": "gzip, chunked"},
    }
    body = gzip.compress(GOOD, mtime=0)
    return [
        Case(f"the body is said to be {what}", INVALID, body=body, headers=headers, field="")
        for what, headers in told.items()
    ] + [
        Case("the body is as it is", headers={"HTTP_CONTENT_ENCODING": "Identity"}),
        Case("the encoding is empty", INVALID, headers={"HTTP_CONTENT_ENCODING": ""}, field=""),
    ]


def _places() -> list[Case]:
    found = []
    for what, (text, refused) in PLACES.items():
        field = "place" if refused in (INVALID, PLACE_NOT_FOUND) else None
        found.append(
            a_search(f"the place holds {what}", refused, f'{{"place":"{text}"}}', field=field)
        )
    return found


CASES = [
    *(a_search(f"the body is {what}", refused, body) for what, (body, refused) in BODIES.items()),
    *_places(),
    *(
        Case(
            f"Content-Type {type_[:50]!r}",
            None if spoken else UNSUPPORTED_MEDIA_TYPE,
            headers={"CONTENT_TYPE": type_},
        )
        for type_, spoken in TYPES.items()
    ),
    *_packed(),
    *_notes(),
    Case(
        "the password is no Unicode",
        INVALID,
        path="/api/v1/tokens/",
        body=json.dumps({"username": "canary", "password": "\ud800", "name": "phone"}).encode(),
        field="password",
    ),
]
