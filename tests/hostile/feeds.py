"""Hostile files of feeds, for every reader."""

import gzip
import json
from collections.abc import Callable
from typing import Any

from tests.hostile.cases import HostileFeed
from tests.services.imports.files import (
    DIRECTORY_COLUMNS,
    a_facility,
    a_found_facility,
    a_moud_row,
    an_otp,
    csv_text,
)

NASTY = "\u202e<script>alert(1)</script> =cmd|'/C calc'!A0 \x1b[2J"
# What patterns that look back could take for ever on.
SLOW = (" ", ",", ".", "(", "-", "<", "<a ", "&", "1", "a", "A ", "; ", "x", "\t", "* ")


def directory(*rows: dict[str, str]) -> Callable[[], bytes]:
    """Rows of the National Directory."""
    return lambda: csv_text(list(rows)).encode()


def otp(*rows: dict[str, str]) -> Callable[[], bytes]:
    """Rows of the OTP directory."""
    return lambda: csv_text(list(rows)).encode()


def found(*rows: dict[str, Any], **outer: Any) -> Callable[[], bytes]:
    """An answer of FindTreatment."""
    whole = {"page": 1, "totalPages": 1, "recordCount": len(rows), "rows": list(rows)} | outer
    return lambda: json.dumps(whole).encode()


def raw(text: str | bytes) -> Callable[[], bytes]:
    """These bytes."""
    return lambda: text if isinstance(text, bytes) else text.encode()


def json_with(value: str) -> Callable[[], bytes]:
    """An answer of FindTreatment with a value written by hand."""
    whole = json.dumps({"totalPages": 1, "recordCount": 1, "rows": [a_found_facility(name2="@@")]})
    return lambda: whole.replace('"@@"', value).encode()


def everywhere(text: str) -> Callable[[], bytes]:
    """Rows of the directory, each with the text in another column."""
    rows = [
        a_facility(at, **{column: text})
        for at, column in enumerate(DIRECTORY_COLUMNS, start=1)
        if column not in {"facility_id", "directory_type"}
    ]
    return lambda: csv_text(rows).encode()


def long_runs() -> bytes:
    """Rows of the directory whose cells are long runs of one sign."""
    rows = [
        a_facility(at, **{column: (sign * 19_000)[:19_000]})
        for at, (sign, column) in enumerate(
            (
                (sign, column)
                for sign in SLOW
                for column in ("name1", "street1", "phone", "intake1a")
            ),
            start=1,
        )
    ]
    return csv_text(rows).encode()


def toronto(**cells: str) -> Callable[[], bytes]:
    """A row of Toronto's services."""
    row = {
        "OBJECTID": "1", "AGENCY_NAME": "Harbour Clinic", "ORGANIZATION_ADDRESS": "",
        "OFFICE_PHONE": "416-555-0100", "WEBSITE": "", "ELIGIBILITY": "opioids",
        "DESCRIPTION_SERVICE": "methadone treatment", "APPLICATION": "", "LANGUAGES": "English",
        "ACCESSIBILITY": "", "HOURS": "", "ADDRESS_FULL": "1 Front Street", "POSTAL_CODE": "",
        "geometry": "",
    } | cells  # fmt: skip
    return lambda: csv_text([row]).encode()


def vancouver(**cells: str) -> Callable[[], bytes]:
    """A row of Vancouver's pharmacies."""
    row = {"City": "Vancouver BC", "Address": "1 Main Street", "Name": "Pharmacy",
           "Latitude": "49.25", "Longitude": "-123.12", "Training": "true"} | cells  # fmt: skip
    return lambda: csv_text([row]).encode()


DIR, OTP, MOUD = "samhsa_directory", "samhsa_otp", "samhsa_moud"
HEADER = ",".join(DIRECTORY_COLUMNS)
BROKEN = "broken, cut short, or holds a name twice or a number that is none"
FAR = "km from its postal code"
_ = HostileFeed
FEEDS = (
    _("nothing", DIR, raw(""), "columns are missing"),
    _("a header without rows", DIR, raw(HEADER), "no rows"),
    _("other columns", DIR, raw("a,b\n1,2\n"), "columns are missing"),
    _("a column that is gone", OTP, otp({k: v for k, v in an_otp().items() if k != "POSTAL"}), "POSTAL"),
    _("a column more", OTP, otp(an_otp(fax="1"))),
    _("two columns of one name", DIR, raw(HEADER + ",zip\n"), "stands twice"),
    _("a file of another feed", MOUD, otp(an_otp()), "columns are missing"),
    _("16,384 columns", DIR, raw(HEADER + "".join(f",c{at}" for at in range(16_384))), "columns"),
    _("a row cut short", DIR, raw(HEADER + "\nsubstance_1,substance\n"), "cut or broken"),
    _("a row of five million cells", DIR, raw(HEADER + "\n" + "," * 5_000_000), "cut or broken"),
    _("a cell of ten megabytes", DIR, raw(HEADER + "\n" + "x" * 10_000_000), "broken"),
    _("a cell of many lines", DIR, raw(HEADER + '\n"' + "x\n" * 5_000_000), "broken"),
    _("an open quotation mark", DIR, raw(HEADER + '\n"open'), "broken"),
    _("a lone quotation mark", DIR, raw(HEADER + '\n"a"b,' + "," * 13), "broken"),
    _("more rows than any feed", DIR, raw(HEADER + "\n" + ("," * 14 + "\n") * 60_000), "more than"),
    _("twenty-one megabytes", DIR, raw(b"x" * 22_020_096), "larger than"),
    _("NULs", DIR, raw(HEADER + "\n\0"), "NUL"),
    _("UTF-16", DIR, lambda: csv_text([a_facility()]).encode("utf-16"), "NUL"),
    _("a byte order mark", DIR, lambda: b"\xef\xbb\xbf" + csv_text([a_facility()]).encode()),
    _("two encodings", DIR, lambda: csv_text([a_facility(name1="Clínica")]).encode() + csv_text([a_facility(2, name1="Clínica")]).split("\r\n")[1].encode("latin-1")),
    _("lines that end as on old machines", DIR, lambda: csv_text([a_facility()]).replace("\r\n", "\r").encode()),
    _("a gzip bomb", DIR, lambda: gzip.compress(b"0" * 60_000_000, 9), "unpacks to far more"),
    _("a gzip bomb in a gzip bomb", DIR, lambda: gzip.compress(gzip.compress(b"0" * 60_000_000, 9), 9), "NUL|missing"),
    _("half a gzip file", DIR, lambda: gzip.compress(csv_text([a_facility()]).encode())[:-9], "cut short"),
    _("a gzip file that lies about its end", DIR, lambda: gzip.compress(csv_text([a_facility()]).encode())[:-4] + b"\0\0\0\0", "cut short"),
    _("a zip file", DIR, lambda: b"PK\x03\x04" + bytes(range(256)), "NUL"),
    _("half an answer", DIR, raw('{"rows": ['), BROKEN),
    _("JSON of another shape", DIR, raw('{"rows": {"a": 1}}'), "no list of objects"),
    _("JSON nested a million times", DIR, raw('{"rows": ' + "[" * 900_000), BROKEN),
    _("JSON nested too deeply", DIR, json_with("[" * 40 + "]" * 40), "nested too deeply"),
    _("JSON of ten million lists", DIR, raw('{"rows": [' + "[]," * 3_000_000 + "[]]}"), "more values"),
    _("a name that stands twice", DIR, json_with('"x", "name2": "y"'), BROKEN),
    _("NaN", DIR, json_with("NaN"), BROKEN),
    _("Infinity", DIR, json_with("-Infinity"), BROKEN),
    _("a number beyond all", DIR, json_with("1e999"), BROKEN),
    _("an integer of five thousand digits", DIR, json_with("9" * 5_000), BROKEN),
    _("an integer of four thousand digits", DIR, json_with("9" * 4_000)),
    _("half a character", DIR, json_with('"\\ud800"'), "characters that are none"),
    _("a NUL in a text", DIR, json_with('"\\u0000"'), "characters that are none"),
    _("a text of a megabyte", DIR, json_with('"' + "x" * 1_000_000 + '"'), "too long"),
    _("answers that are no texts", DIR, found(a_found_facility(name1=["x"], city={"a": 1}, phone=7)), refused={1: "no name"}),
    _("services that are no list", DIR, lambda: json.dumps({"totalPages": 1, "recordCount": 1, "rows": [a_found_facility() | {"services": 7}]}).encode(), refused={1: "not a list"}),
    _("no ids", DIR, found(a_found_facility(), a_found_facility(2, frid="")), refused={2: "no key"}),
    _("ids that collide", DIR, directory(a_facility(), a_facility(2, facility_id="substance_1")), refused={2: "repeats row 1"}),
    _("an id of a thousand letters", DIR, directory(a_facility(), a_facility(2, facility_id="x" * 1_000)), refused={2: "longer than 200"}),
    _("an id with an escape sequence", DIR, directory(a_facility(), a_facility(2, facility_id="\x1b[2J", state="XX")), refused={2: "not a US state"}),
    _("latitude and longitude swapped", OTP, otp(an_otp(Latitude="-75.15", Longitude="39.96")), warned={1: FAR}),
    _("a point at zero and zero", OTP, otp(an_otp(Latitude="0", Longitude="0"))),
    _("a point in the sea", OTP, otp(an_otp(Latitude="35", Longitude="-50")), warned={1: FAR}),
    _("a point in another country", OTP, otp(an_otp(Latitude="48.85", Longitude="2.35")), warned={1: FAR}),
    _("a point beyond the pole", OTP, otp(an_otp(Latitude="91", Longitude="1e308"))),
    _("a point that is none", OTP, otp(an_otp(Latitude="NaN", Longitude="inf"))),
    _("nowhere", OTP, otp(an_otp(POSTAL="99999", CITY="Nowhere", Latitude="", Longitude="")), refused={1: "is known"}),
    _("no such state", OTP, otp(an_otp(STATE="<b>")), refused={1: "not a US state"}),
    _("phones that are none", DIR, directory(a_facility(phone="call us; 000; +1; 12")), warned={1: "cannot be dialled"}),
    _("ten thousand phones", DIR, directory(a_facility(phone=";" .join(["x"] * 9_000))), warned={1: "cannot be dialled"}),
    _("scripts, marks of direction and escape sequences in every cell", DIR, everywhere(NASTY), refused={6: "not a US state", 13: "none of our kinds"}),
    _("lone quotes and formulas in every cell", DIR, everywhere('=HYPERLINK("http://127.0.0.1:1")'), refused={6: "not a US state", 13: "none of our kinds"}),
    _("long runs of one sign in every cell", DIR, long_runs, refused={1: "Not a facility", 53: "Not a facility"}),
    _("hours that are none", "toronto", toronto(HOURS="Mo-Fr 25:00-99:00 ((" * 500)),
    _("a point that is a program", "toronto", toronto(geometry="__import__('os').system('true')")),
    _("a point of thousands", "toronto", toronto(geometry="(" * 9_000 + "-79.4, 43.7")),
    _("a description of one long run", "toronto", toronto(DESCRIPTION_SERVICE="methadone treatment " + "x " * 9_000, ELIGIBILITY="opioids " * 2_000)),
    _("a website that is a script", "toronto", toronto(WEBSITE='<a href="javascript:alert(1)">x</a>'), warned={1: "website left out"}),
    _("an anchor without an end", "toronto", toronto(WEBSITE="href" + " " * 15_000 + "=")),
    _("a pharmacy elsewhere", "vancouver", vancouver(City="Seattle WA"), refused={1: "British Columbia"}),
    _("a pharmacy at zero and zero", "vancouver", vancouver(Latitude="0.0", Longitude="-0.0")),
    _("a medication that is none", MOUD, lambda: csv_text([a_moud_row("heroin\x1b[2J")]).encode(), refused={1: "not a medication"}),
)  # fmt: skip
