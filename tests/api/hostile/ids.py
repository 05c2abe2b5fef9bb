"""Ids and cursors that were forged, cut short, or belong to something else."""

import base64
import datetime as dt

from api.refusals import CURSOR_EXPIRED, INVALID, NOT_FOUND, UNAUTHENTICATED, Refusal
from tests.api.hostile.case import FOREIGN, NOWHERE, SERVICE, SITE, Case, a_reading

EVENT = "e0e27000-0000-4000-8000-000000000001"
NO_IDS = (
    "0",
    "-1",
    "canary",
    "null",
    "undefined",
    "*",
    "%00",
    "%FF%FE",
    "..",
    "%2e%2e",
    SERVICE[:-1],
    SERVICE + "0",
    SERVICE.upper().replace("-", "_"),
    "{" + SERVICE + "}",
    "urn:uuid:" + SERVICE,
    SERVICE.replace("-", ""),
    SERVICE + "%20",
    SERVICE + "%0A",
    SERVICE + "%00",
    SERVICE + ";canary",
    SERVICE + "'--",
    SERVICE.replace("5", "%D9%A5", 1),
    "9" * 3_000,
)
STRANGERS = (NOWHERE, "ffffffff-ffff-ffff-ffff-ffffffffffff", SITE)
OF_A_SERVICE = ("", "reports/", "history/")


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


# Cursors of a service's reports and history: a moment and an id.
REPORT_CURSORS = {
    "nothing": "",
    "junk": "canary",
    "no base64": "%%%",
    "base64 of nothing": "====",
    "base64 of bytes": "gICAgICA",
    "no id": _encoded("2026-11-23T14:00:00+00:00"),
    "no moment": _encoded(f" {EVENT}"),
    "no day": _encoded(f"2026-02-30T14:00:00+00:00 {EVENT}"),
    "an id too many": _encoded(f"2026-11-23T14:00:00+00:00 {EVENT} {EVENT}"),
    "before there were years": _encoded(f"0001-01-01T00:00:00+14:00 {EVENT}"),
    "after there are years": _encoded(f"9999-12-31T23:59:59-14:00 {EVENT}"),
    "cut short": _encoded(f"2026-11-23T14:00:00+00:00 {EVENT}")[:-9],
    "not ASCII": "%C3%A9",
    "NUL": "%00",
    "long": "c" * 5_000,
}
# Cursors of lists: p=<id>, in base64.
LIST_CURSORS = {
    "junk": "canary",
    "no base64": "%25%25",
    "no id": base64.b64encode(b"p=canary").decode(),
    "a number for an id": base64.b64encode(b"p=39").decode(),
    "SQL for an id": base64.b64encode(b"p=';--").decode().replace("=", "%3D"),
    "an offset that is none": base64.b64encode(f"o=canary&p={SERVICE}".encode()).decode(),
    "a negative offset": base64.b64encode(f"o=-5&p={SERVICE}".encode()).decode(),
    "base64 of bytes": "gICAgICA",
    "bytes": "%FF%FE%00",
    "long": "c" * 5_000,
}
REGION = "US-PA"  # its pack is there
CHANGE_CURSORS: dict[str, tuple[str, str, Refusal]] = {
    "nothing": ("", REGION, INVALID),
    "junk": ("canary", REGION, INVALID),
    "no base64": ("%25%25%25%25", REGION, INVALID),
    "zeros": ("A" * 88, REGION, INVALID),
    "all bits": ("_" * 88, REGION, INVALID),
    "not ASCII": ("%C3%A9" * 44, REGION, INVALID),
    "NUL": ("%00" * 88, REGION, INVALID),
    "too long": ("A" * 5_000, REGION, INVALID),
    "an empty region": ("{cursor}", "", INVALID),
    "another region": ("{cursor}", "US-NJ", INVALID),
    "a region in small letters": ("{cursor}", "us-pa", INVALID),
    "a region of bytes": ("{cursor}", "%FF%00", INVALID),
    "a long region": ("{cursor}", "US-" + "P" * 5_000, INVALID),
    "cut short": ("{cursor[:-1]}", REGION, INVALID),
    "padded": ("{cursor}%3D%3D", REGION, INVALID),
    "spelt otherwise": ("{cursor}%0A", REGION, INVALID),
    "of another history": ("{of another history}", REGION, CURSOR_EXPIRED),
    "of long ago": ("{of long ago}", REGION, CURSOR_EXPIRED),
    "of tomorrow": ("{of tomorrow}", REGION, INVALID),
}
REGIONS = ("US-ZZ", "us-pa", "US", "%00", "%FF", "..", "..%2F..", "US-PA.", "U" * 3_000, "39.95")


def _paths() -> list[Case]:
    cases = [
        a_reading(f"{what} {id_[:60]}", NOT_FOUND, f"/api/v1/{what}/{id_}/")
        for what in ("services", "sites")
        for id_ in NO_IDS
    ]
    cases += [
        a_reading(
            f"nobody's {part or 'service'} {id_[:8]}", NOT_FOUND, f"/api/v1/services/{id_}/{part}"
        )
        for part in OF_A_SERVICE
        for id_ in STRANGERS
    ]
    cases += [
        a_reading(f"the pack {region[:30]}", NOT_FOUND, f"/api/v1/packs/{region}/")
        for region in REGIONS
    ]
    shouted = f"/api/v1/services/{SERVICE.upper()}/"
    return [*cases, a_reading("an id in capitals", NOT_FOUND, shouted)]


def _cursors() -> list[Case]:
    cases = [
        a_reading(
            f"a cursor of {part}{what}",
            INVALID,
            f"/api/v1/services/{SERVICE}/{part}",
            f"cursor={cursor}",
            field="cursor",
        )
        for part in ("reports/", "history/")
        for what, cursor in REPORT_CURSORS.items()
    ]
    cases += [
        a_reading(
            f"a cursor of a list: {what}",
            INVALID,
            "/api/v1/sites/",
            f"cursor={cursor}",
            field="cursor",
        )
        for what, cursor in LIST_CURSORS.items()
    ]
    return cases + [
        a_reading(
            f"a cursor of changes: {what}",
            refused,
            "/api/v1/changes/",
            f"region={region}&cursor={cursor}",
        )
        for what, (cursor, region, refused) in CHANGE_CURSORS.items()
    ]


def _events() -> list[Case]:
    """Ids in bodies."""
    year = dt.datetime.now(dt.UTC).year
    wrong: dict[str, tuple[str, str]] = {
        "a number": ('{"id":39,"state":"full"}', "id"),
        "without dashes": (f'{{"id":"{EVENT.replace("-", "")}","state":"full"}}', "id"),
        "in braces": (f'{{"id":"{{{EVENT}}}","state":"full"}}', "id"),
        "with a line break": (f'{{"id":"{EVENT}\\n","state":"full"}}', "id"),
        "of a state nobody may report": (f'{{"id":"{EVENT}","state":"unknown"}}', "state"),
        "of a time without offset": (
            f'{{"id":"{EVENT}","state":"full","observed_at":"{year}-01-01T00:00:00"}}',
            "observed_at",
        ),
        "of a leap second": (
            f'{{"id":"{EVENT}","state":"full","observed_at":"{year}-06-30T23:59:60Z"}}',
            "observed_at",
        ),
        "of a wild offset": (
            f'{{"id":"{EVENT}","state":"full","observed_at":"{year}-06-30T23:59:59+99:99"}}',
            "observed_at",
        ),
        "of too many free": (
            f'{{"id":"{EVENT}","state":"available","remaining":1e99}}',
            "remaining",
        ),
    }
    path = f"/api/v1/services/{SERVICE}/reports/"
    cases = [
        Case(f"a report {what}", INVALID, path=path, body=body.encode(), role="staff", field=field)
        for what, (body, field) in wrong.items()
    ]
    good = f'{{"id":"{EVENT}","state":"full"}}'.encode()
    foreign = path.replace(SERVICE, FOREIGN)
    return [
        *cases,
        Case("a report of another clinic's", NOT_FOUND, path=foreign, body=good, role="staff"),
        Case("a report of nobody", UNAUTHENTICATED, path=path, body=good),
    ]


CASES = [*_paths(), *_cursors(), *_events()]
