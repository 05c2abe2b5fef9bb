"""Headers that say strange things: conditions, ranges, languages, tokens, addresses, hosts."""

from api.refusals import (
    INVALID,
    MALFORMED,
    NOT_ACCEPTABLE,
    PRECONDITION_FAILED,
    PRECONDITION_REQUIRED,
    RANGE_NOT_SATISFIABLE,
    TOO_LARGE,
    UNAUTHENTICATED,
    WRONG_HOST,
)
from tests.api.hostile.case import GOOD, SERVICE, SITE, Case, a_reading

SITE_PATH = f"/api/v1/sites/{SITE}/"
KINDS, PACK = "/api/v1/kinds/", "/api/v1/packs/US-PA/"
LONG = "canary," * 2_000

IF_MATCH = {
    **dict.fromkeys(
        ('"canary"', 'W/"canary"', '"a", "b"', '""', '"*"', '"' + "c" * 5_000 + '"'),
        PRECONDITION_FAILED,
    ),
    **dict.fromkeys(
        ("canary", "**", '"canary', 'canary"', '"a" "b"', '"a",', ",", 'w/"a"', "\xff", LONG),
        INVALID,
    ),
    **dict.fromkeys(("", " "), PRECONDITION_REQUIRED),
}
IF_NONE_MATCH = ('"canary"', "canary", 'W/"', '"' * 9, ",,,", "", "\xff\xfe", LONG, '"a"' * 999)
# None: as if there were none. The pack of these tests has fewer bytes.
RANGES = {
    **dict.fromkeys(
        (
            "canary",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=5-2",
            "bytes=--5",
            "bytes=0-1,3-4",
            "bytes=1e3-",
            "lines=1-2",
            "bytes=0x0-0x9",
            "bytes=" + "9" * 400 + "-",
            "bytes=٣-٤".encode().decode("latin-1"),
            "bytes=0-0," * 1_000,
        ),
        None,
    ),
    **dict.fromkeys(
        ("bytes=99999999-", "bytes=-0", "bytes=999999999999999999-"), RANGE_NOT_SATISFIABLE
    ),
}
ACCEPTED = {
    **dict.fromkeys(("*/*", "application/json", "application/*;q=0.1", "*/*;q=x"), True),
    **dict.fromkeys(("text/html", "canary", "a/b", "application/xml;q=1", "\xff/\xfe"), False),
}
LANGUAGES = (
    "canary",
    "*",
    "es;q=canary",
    "es;q=9999999999",
    "es;q=-1,fr;q=nan",
    "x-" + "a-" * 500,
    "e" * 5_000,
    ",,;;==",
    "\xff\xfe",
    "../../../etc/canary",
    LONG,
)
ENCODINGS = (
    "gzip;q=canary",
    "gzip;q=9",
    "identity;q=0,*;q=0",
    ",,;;",
    "\xff",
    LONG,
    "br",
    "gzip;q=1;q=0",
)
TOKENS = (
    "Bearer",
    "Bearer canary",
    "Bearer  ",
    "Bearer a b c",
    "bearer hrl_" + "0" * 64,
    "Bearer hrl_" + "0" * 64,
    "Bearer " + "c" * 5_000,
    "Bearer \xff\xfe",
    "Bearer can\x00ary",
    "Bearer ' OR 1=1 --",
    "Bearer hrl_%",
)
NO_TOKENS = (
    "",
    "Basic Y2FuYXJ5OmNhbmFyeQ==",
    "hrl_canary",
    "Token canary",
    "Digest canary",
    "\xff",
)
ADDRESSES = (
    "canary",
    "39.95.26.300",
    "::ffff:1.2.3.4%25canary",
    "[::1]:80",
    "1.2.3.4, , ,",
    "unix:",
    "0x7f.1",
    "1" * 5_000,
    "\xff",
    ", ".join(["203.0.113.9"] * 2_000),
)
HOSTS = (
    "canary.example",
    "localhost:canary",
    "localhost:9-9",
    "localhost@canary",
    "localhost canary",
    "[::1",
    "..",
    "localhost/canary",
    "xn--canary-",
    "\xff",
    "l" * 5_000,
)
LENGTHS = {
    **dict.fromkeys(("-1", "+53", "5e1", "canary", "1,2", " 53", "٥٣", "0x35", "1.0"), MALFORMED),
    **dict.fromkeys(("9" * 18, "9" * 5_000, "16385", "2147483648"), TOO_LARGE),
    **dict.fromkeys(("0", "", "1", str(len(GOOD) - 1)), MALFORMED),  # the rest is not read
}
OTHERS = {
    "HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE",
    "HTTP_X_ORIGINAL_URL": "/admin/",
    "HTTP_X_REWRITE_URL": "/admin/",
    "HTTP_X_FORWARDED_PROTO": "canary",
    "HTTP_X_FORWARDED_HOST": "canary.example",
    "HTTP_X_FORWARDED_PORT": "canary",
    "HTTP_FORWARDED": 'for="canary";host=canary',
    "HTTP_COOKIE": "sessionid=canary; lat=39.9526; csrftoken=" + "c" * 4_000,
    "HTTP_REFERER": "https://canary.example/?lat=39.9526",
    "HTTP_ORIGIN": "null",
    "HTTP_USER_AGENT": "canary" * 1_000,
    "HTTP_DATE": "canary",
    "HTTP_EXPECT": "canary",
    "HTTP_UPGRADE": "canary/1",
    "HTTP_CONNECTION": "canary",
    "HTTP_TE": "trailers, canary",
    "HTTP_IF_MODIFIED_SINCE": "canary",
    "HTTP_IF_UNMODIFIED_SINCE": "canary",
    "HTTP_IF_RANGE": "canary",
    "HTTP_RANGE": "bytes=0-4",
    "HTTP_X_CANARY": "c" * 8_000,
}


def _edits() -> list[Case]:
    return [
        Case(
            f"If-Match {tag[:30]!r}",
            refused,
            "PATCH",
            SITE_PATH,
            "",
            b'{"name":"Canary Clinic"}',
            {"HTTP_IF_MATCH": tag},
            "staff",
        )
        for tag, refused in IF_MATCH.items()
    ]


def _readings() -> list[Case]:
    cases = [
        a_reading(f"If-None-Match {tag[:30]!r}", None, KINDS, headers={"HTTP_IF_NONE_MATCH": tag})
        for tag in IF_NONE_MATCH
    ]
    cases += [
        a_reading(f"Range {asked[:30]!r}", refused, PACK, headers={"HTTP_RANGE": asked})
        for asked, refused in RANGES.items()
    ]
    cases += [
        a_reading(
            f"Accept {asked[:30]!r}",
            None if spoken else NOT_ACCEPTABLE,
            "/api/v1/sites/",
            headers={"HTTP_ACCEPT": asked},
        )
        for asked, spoken in ACCEPTED.items()
    ]
    return cases + [
        a_reading(
            f"Accept-Encoding {asked[:30]!r}", None, PACK, headers={"HTTP_ACCEPT_ENCODING": asked}
        )
        for asked in ENCODINGS
    ]


def _accounts() -> list[Case]:
    """An account needs a token; reading a service takes one, and refuses what is none."""
    cases = []
    for path in ("/api/v1/account/", f"/api/v1/services/{SERVICE}/"):
        cases += [
            a_reading(
                f"{path} {sent[:30]!r}", UNAUTHENTICATED, path, headers={"HTTP_AUTHORIZATION": sent}
            )
            for sent in TOKENS
        ]
    return cases + [
        a_reading(
            f"no token: {sent!r}",
            UNAUTHENTICATED,
            path="/api/v1/account/",
            headers={"HTTP_AUTHORIZATION": sent},
        )
        for sent in NO_TOKENS
    ]


def _searches() -> list[Case]:
    """Of a search: what is none of its business changes nothing."""
    cases = [
        Case(f"Accept-Language {asked[:30]!r}", headers={"HTTP_ACCEPT_LANGUAGE": asked})
        for asked in LANGUAGES
    ]
    cases += [
        Case(f"X-Forwarded-For {address[:30]!r}", headers={"HTTP_X_FORWARDED_FOR": address})
        for address in ADDRESSES
    ]
    cases += [
        Case(f"Host {host[:30]!r}", WRONG_HOST, headers={"HTTP_HOST": host}) for host in HOSTS
    ]
    cases += [
        Case(f"Content-Length {length[:30]!r}", refused, headers={"CONTENT_LENGTH": length})
        for length, refused in LENGTHS.items()
    ]
    return cases + [
        Case(f"{name[5:]}: {value[:20]}", headers={name: value}) for name, value in OTHERS.items()
    ]


CASES = [*_edits(), *_readings(), *_accounts(), *_searches()]
