"""JSON that is broken, deep, doubled, huge, or something else than an object."""

from api.refusals import INVALID, MALFORMED, TOO_LARGE, TOO_MANY_ITEMS, Refusal
from tests.api.hostile.case import GOOD, SERVICE, SITE, Case, a_search

REST = '"lat":39.9526,"lon":-75.1652'
BATCH = "/api/v1/reports/batch/"

SEARCHES: dict[str, tuple[str | bytes, Refusal | None, str | None]] = {
    "nothing": ("", MALFORMED, None),
    "spaces": (" \t\r\n", MALFORMED, None),
    "null": ("null", MALFORMED, None),
    "true": ("true", MALFORMED, None),
    "a number": ("39.9526", MALFORMED, None),
    "a text": ('"39.9526,-75.1652"', MALFORMED, None),
    "an array": ("[39.9526,-75.1652]", MALFORMED, None),
    "an array of searches": (f"[{{{REST}}}]", MALFORMED, None),
    "an empty object": ("{}", INVALID, "lat"),
    "an unclosed object": (f"{{{REST}", MALFORMED, None),
    "an unclosed text": ('{"place":"canary', MALFORMED, None),
    "a brace too many": (f"{{{REST}}}}}", MALFORMED, None),
    "two objects": (f"{{{REST}}}{{{REST}}}", MALFORMED, None),
    "lines of JSON": (f"{{{REST}}}\n{{{REST}}}\n", MALFORMED, None),
    "garbage behind": (f"{{{REST}}} canary", MALFORMED, None),
    "a comma at the end": (f"{{{REST},}}", MALFORMED, None),
    "two commas": (f"{{,{REST}}}", MALFORMED, None),
    "no colon": ('{"lat" 39.9526}', MALFORMED, None),
    "single quotes": ("{'lat':39.9526,'lon':-75.1652}", MALFORMED, None),
    "names without quotes": ("{lat:39.9526,lon:-75.1652}", MALFORMED, None),
    "a comment": (f"{{/* canary */{REST}}}", MALFORMED, None),
    "a comment behind": (f"{{{REST}}}// canary", MALFORMED, None),
    "JavaScript": (f"({{{REST}}})", MALFORMED, None),
    "a callback": (f"canary({{{REST}}})", MALFORMED, None),
    "a prefix against hijacking": (f")]}}',\n{{{REST}}}", MALFORMED, None),
    "undefined": ('{"lat":undefined}', MALFORMED, None),
    "a broken escape": (r'{"place":"\canary"}', MALFORMED, None),
    "a short escape": (r'{"place":"\u00"}', MALFORMED, None),
    "an escape of a byte": (r'{"place":"\x41"}', MALFORMED, None),
    "a bare line break in a text": ('{"place":"canary\nrow"}', MALFORMED, None),
    "a record separator before": ("\x1e" + GOOD.decode(), MALFORMED, None),
    "arrays, too deep to read": ("[" * 16_000, MALFORMED, None),
    "a hundred thousand arrays": ("[" * 100_000 + "]" * 100_000, TOO_LARGE, None),
    "a hundred thousand objects": ('{"a":' * 100_000, TOO_LARGE, None),
    "objects, too deep to read": ('{"a":' * 2_000 + "1" + "}" * 2_000, MALFORMED, None),
    "a deep value": (f'{{{REST},"kinds":{"[" * 400}{"]" * 400}}}', INVALID, "kinds"),
    "a name twice": (f'{{{REST},"lat":39.9526}}', INVALID, ""),
    "a name twice, spelt otherwise": (rf'{{{REST},"l\u0061t":1}}', INVALID, ""),
    "a name twice within": (f'{{{REST},"access":{{"pets":true,"pets":true}}}}', INVALID, ""),
    "an empty name": (f'{{{REST},"":1}}', INVALID, ""),
    "a name of spaces": (f'{{{REST}," lat":1}}', INVALID, ""),
    "a name in capitals": ('{"LAT":39.9526,"LON":-75.1652}', INVALID, "LAT"),
    "a prototype": (f'{{{REST},"__proto__":{{"canary":1}}}}', INVALID, "__proto__"),
    "an operator": (f'{{{REST},"$where":"canary"}}', INVALID, ""),
    "a thousand names": (
        "{" + ",".join(f'"canary{n}":1' for n in range(900)) + "}",
        INVALID,
        "",
    ),
    "a long name": (f'{{{REST},"{"canary" * 1_000}":1}}', INVALID, ""),
    "a long array": (f'{{{REST},"kinds":[{",".join(["1"] * 7_000)}]}}', INVALID, "kinds"),
    "an array that is too long": (f'{{{REST},"kinds":[{"1," * 20_000}1]}}', TOO_LARGE, None),
    "a kind that is an object": (f'{{{REST},"kinds":[{{"canary":1}}]}}', INVALID, "kinds"),
    "a limit with an exponent": (f'{{{REST},"limit":1e1}}', INVALID, "limit"),
    "an endless limit": (f'{{{REST},"limit":1e400}}', INVALID, "limit"),
    "a limit of 300 digits": (f'{{{REST},"limit":1{"0" * 300}}}', INVALID, "limit"),
    "a limit beyond 64 bits": (f'{{{REST},"limit":9223372036854775808}}', INVALID, "limit"),
    "a negative offset": (f'{{{REST},"offset":-9223372036854775809}}', INVALID, "offset"),
    "a limit that is true": (f'{{{REST},"limit":true}}', INVALID, "limit"),
    "a number of 4,000 digits": (f'{{{REST},"max_km":0.{"0" * 4_000}1}}', INVALID, "max_km"),
    "a huge exponent": (f'{{{REST},"max_km":1e{"9" * 400}}}', INVALID, "max_km"),
    "a tiny exponent": (f'{{{REST},"max_km":1e-{"9" * 400}}}', INVALID, "max_km"),
    "spaces all over": (f" \n{{ \t{REST.replace(',', ' , ')} }}\r\n", None, None),
    "escapes all over": (r'{"\u006cat":39.9526,"l\u006fn":-75.1652}', None, None),
    "one byte too many": (GOOD + b" " * (16 * 1024 - len(GOOD) + 1), TOO_LARGE, None),
    "as many bytes as may be": (GOOD + b" " * (16 * 1024 - len(GOOD)), None, None),
}

REPORT = '{"service":"%s","id":"e0e27000-0000-4000-8000-00000000000%d","state":"full"}'

BATCHES: dict[str, tuple[str | bytes, Refusal, str | None]] = {
    "an array": (f"[{REPORT % (SERVICE, 1)}]", MALFORMED, None),
    "an object for an array": (f'{{"reports":{REPORT % (SERVICE, 1)}}}', MALFORMED, None),
    "nothing": ("", MALFORMED, None),
    "an unclosed array": (f'{{"reports":[{REPORT % (SERVICE, 1)}}}', MALFORMED, None),
    "brackets the wrong way round": ('{"reports":]canary[}', MALFORMED, None),
    "the field twice": ('{"reports":[],"reports":[]}', INVALID, "reports"),
    "another field": ('{"rapports":["canary"]}', INVALID, "rapports"),
    "no field": ("{}", INVALID, "reports"),
    "too many items": ('{"reports":[' + ",".join(["1"] * 501) + "]}", TOO_MANY_ITEMS, None),
    "too many bytes": ('{"reports":["' + "canary" * 400_000 + '"]}', TOO_LARGE, None),
    "a million brackets": ("[" * 1_000_000, MALFORMED, None),
}


def _other_bodies() -> list[Case]:
    """Operations that take other bodies, with the same sorts of nonsense."""
    site, edit = f"/api/v1/sites/{SITE}/", {"HTTP_IF_MATCH": "*"}
    wrong: dict[str, tuple[str, Refusal, str | None]] = {
        "an array": ('[{"name":"canary"}]', MALFORMED, None),
        "NaN": ('{"name":NaN}', MALFORMED, None),
        "deep": ('{"phones":' + "[" * 30_000, MALFORMED, None),
        "a name twice": ('{"name":"canary","name":"anary"}', INVALID, ""),
        "an object for a text": ('{"name":{"canary":1}}', INVALID, "name"),
        "a text for a list": ('{"phones":"+12155550199"}', INVALID, "phones"),
        "a list of texts": ('{"phones":["+12155550199"]}', INVALID, "phones.0"),
        "too many phones": ('{"phones":[' + ",".join(["{}"] * 21) + "]}", INVALID, "phones"),
        "no name": ('{"name":""}', INVALID, "name"),
        "a long name": ('{"name":"' + "canary" * 50 + '"}', INVALID, "name"),
        "a country of digits": ('{"country":"39"}', INVALID, "country"),
        "another planet's time": ('{"time_zone":"Mars/Canary"}', INVALID, "time_zone"),
        "a path for a time zone": ('{"time_zone":"../../etc/canary"}', INVALID, "time_zone"),
        "a script for a website": ('{"website":"javascript:canary"}', INVALID, "website"),
        "too many bytes": ('{"description":"' + "canary" * 20_000 + '"}', TOO_LARGE, None),
    }
    return [
        Case(
            f"a site's edit is {what}", refused, "PATCH", site, "", body.encode(), edit, "staff", at
        )
        for what, (body, refused, at) in wrong.items()
    ]


CASES = [
    *(a_search(f"JSON: {what}", how, body, field=at) for what, (body, how, at) in SEARCHES.items()),
    *(
        a_search(f"a batch is {what}", how, body, field=at, path=BATCH, role="outreach")
        for what, (body, how, at) in BATCHES.items()
    ),
    *_other_bodies(),
]
