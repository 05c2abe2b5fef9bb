"""Places that are none: numbers, texts and things, in every way to send a position."""

import json

from api.refusals import INVALID, MALFORMED, NOT_FOUND, POSITION_IN_URL, Refusal
from tests.api.hostile.case import FOREIGN, SITE, Case, a_reading, a_search

# JSON texts that stand for no degree, and how a body with one is refused.
NO_DEGREES: dict[str, tuple[str, Refusal]] = {
    "not a number": ("NaN", MALFORMED),
    "nan": ("nan", MALFORMED),
    "infinity": ("Infinity", MALFORMED),
    "minus infinity": ("-Infinity", MALFORMED),
    "inf": ("inf", MALFORMED),
    "the largest double": ("1e308", INVALID),
    "the least double": ("-1e308", INVALID),
    "beyond doubles": ("1e309", INVALID),
    "far beyond doubles": ("-1e400", INVALID),
    "a whole number beyond doubles": ("1" + "0" * 400, INVALID),
    "too many digits to read": ("9" * 5_000, MALFORMED),
    "the next circle": ("720", INVALID),
    "microdegrees": ("39952600", INVALID),
    "a text": ('"39.9526"', INVALID),
    "an empty text": ('""', INVALID),
    "the text NaN": ('"NaN"', INVALID),
    "a decimal comma": ("39,9526", MALFORMED),
    "a decimal comma in a text": ('"39,9526"', INVALID),
    "degrees and minutes": ('"39°57\'09\\"N"', INVALID),
    "other digits": ('"٣٩"', INVALID),
    "wide digits": ("３９", MALFORMED),
    "an array": ("[39.9526]", INVALID),
    "an empty array": ("[]", INVALID),
    "a deep array": ("[" * 400 + "]" * 400, INVALID),
    "an object": ('{"value":39.9526}', INVALID),
    "well-known text": ('"POINT(-75.1652 39.9526)"', INVALID),
    "true": ("true", INVALID),
    "null": ("null", INVALID),
    "hexadecimal": ("0x27", MALFORMED),
    "a leading zero": ("039.9526", MALFORMED),
    "a plus": ("+39.9526", MALFORMED),
    "a bare point": (".9526", MALFORMED),
    "a bare end": ("39.", MALFORMED),
    "a separator": ("3_9.9526", MALFORMED),
    "nothing": ("", MALFORMED),
}


def _searches() -> list[Case]:
    cases = []
    for what, (text, refused) in NO_DEGREES.items():
        field = None if refused is MALFORMED else ""
        for name, other in (("lat", '"lon":-75.1652'), ("lon", '"lat":39.9526')):
            body = f'{{"{name}":{text},{other}}}'
            named = name if field is not None else None
            cases.append(a_search(f"{name} is {what}", refused, body, field=named))
    return cases


def _pairs() -> list[Case]:
    """Numbers on both sides of what there is on Earth."""
    good = {
        "the north pole": (90, 0),
        "the south pole, far east": (-90, 180),
        "the antimeridian from the west": (0, 180.0),
        "the antimeridian from the east": (0, -180),
        "a hair before the antimeridian": (51.5, 179.9999999999999),
        "a hair after the antimeridian": (51.5, -179.9999999999999),
        "null island": (0, 0),
        "negative zeros": (-0.0, -0.0),
        "the smallest double": (5e-324, -5e-324),
        "more digits than a double has": (39.952600000000000000001, -75.1652),
    }
    bad = {
        "past the north pole": ((90.0000000001, 0), "lat"),
        "latitude 91": ((91, 0), "lat"),
        "latitude -91": ((-91, 0), "lat"),
        "longitude 181": ((0, 181), "lon"),
        "longitude -181": ((0, -181), "lon"),
        "past the antimeridian": ((0, 180.0000000001), "lon"),
        "longitude 360": ((0, 360), "lon"),
        "swapped": ((-175.1652, 39.9526), "lat"),
    }
    told = [
        a_search(what, None, json.dumps({"lat": lat, "lon": lon}))
        for what, (lat, lon) in good.items()
    ]
    return told + [
        a_search(what, INVALID, json.dumps({"lat": lat, "lon": lon}), field=field)
        for what, ((lat, lon), field) in bad.items()
    ]


RADII: dict[str, tuple[str, bool]] = {
    "round the Earth": ("20040", True),
    "a hair": ("5e-324", True),
    "farther than anything": ("20040.001", False),
    "huge": ("1e308", False),
    "endless": ("1e999", False),
    "none": ("0", False),
    "none, from below": ("-0.0", False),
    "negative": ("-5", False),
    "a text": ('"5"', False),
    "a list": ("[5]", False),
}


def _radii() -> list[Case]:
    return [
        a_search(
            f"the radius is {what}",
            None if usable else INVALID,
            f'{{"lat":39.9526,"lon":-75.1652,"max_km":{text}}}',
            field=None if usable else "max_km",
        )
        for what, (text, usable) in RADII.items()
    ]


OTHER_FORMS: dict[str, tuple[object, str]] = {
    "half a position": ({"lat": 39.9526}, "lon"),
    "the other half": ({"lon": -75.1652}, "lat"),
    "two positions": ({"lat": 39.9526, "lon": -75.1652, "place": "Canary Row"}, "place"),
    "a GeoJSON point": ({"type": "Point", "coordinates": [-75.1652, 39.9526]}, "type"),
    "a point's members": ({"point": {"lat": 39.9526, "lon": -75.1652}}, "point"),
    "an empty box": ({"bbox": [0, 0, 0, 0]}, "bbox"),
    "a box inside out": ({"bbox": [180, 90, -180, -90]}, "bbox"),
    "a position for a name": ({"39.9526,-75.1652": True}, ""),
}


def _others() -> list[Case]:
    return [
        a_search(f"for a position, {what}", INVALID, json.dumps(body), field=field)
        for what, (body, field) in OTHER_FORMS.items()
    ]


def _points_of_sites() -> list[Case]:
    """The same texts, where staff put a site on the map and outreach asks whom to call."""
    cases = []
    for what in ("not a number", "the largest double", "beyond doubles", "a text", "null", "true"):
        text, refused = NO_DEGREES[what]
        body = f'{{"location":{{"lat":{text},"lon":-75.1652}}}}'.encode()
        field = None if refused is MALFORMED else "location.lat"
        path, edit = f"/api/v1/sites/{SITE}/", {"HTTP_IF_MATCH": "*"}
        name = f"a site's latitude is {what}"
        cases.append(Case(name, refused, "PATCH", path, "", body, edit, "staff", field))
        body = f'{{"lat":{text},"lon":-75.1652}}'.encode()
        field = None if refused is MALFORMED else "lat"
        name = f"the latitude of a list to call is {what}"
        cases.append(
            Case(name, refused, path="/api/v1/verify/", body=body, role="outreach", field=field)
        )
    body = b'{"location":{"lat":39.9526,"lon":-75.1652}}'
    edit = {"HTTP_IF_MATCH": "*"}
    path = f"/api/v1/services/{FOREIGN}/"
    name = "another clinic's service is moved"
    return [*cases, Case(name, INVALID, "PATCH", path, "", body, edit, "staff", "location")]


CELLS: dict[str, Refusal | None] = {
    **dict.fromkeys(("000", "zzz", "bpbpb", "pbpbp", "upbpb", "s00"), None),
    **dict.fromkeys(("d", "dr", "dra", "DR4", "dr-", "d%00r", "%D0%B4%D1%80%34", "..."), INVALID),
    **dict.fromkeys(("dr4e38", "dr4e38dfcanary".replace("a", "b"), "d" * 400), POSITION_IN_URL),
    **dict.fromkeys(("39.9526,-75.1652", "dr4%20", "dr4;x=1"), INVALID),
    "dr4/e3": NOT_FOUND,
}


def _cells() -> list[Case]:
    return [
        a_reading(f"cell {cell[:40]}", refused, f"/api/v1/cells/{cell}/")
        for cell, refused in CELLS.items()
    ]


TILES = {
    **dict.fromkeys(("0/0/0", "12/4095/4095", "00/0/0"), True),
    **dict.fromkeys(("13/0/0", "0/1/0", "0/0/1", "12/4096/0", "-1/0/0", "1/-1/0"), False),
    **dict.fromkeys(("99999/0/0", "0/1e3/0", "0/0.5/0", "a/b/c", "9" * 400 + "/0/0"), False),
    **dict.fromkeys(("0/%30%0A/0", "%D9%A1/0/0", "0//0", "0/0/0/0"), False),
}


def _tiles() -> list[Case]:
    return [
        a_reading(f"tile {tile[:40]}", None if there else NOT_FOUND, f"/api/v1/map/{tile}.geojson")
        for tile, there in TILES.items()
    ]


CASES = [
    *_searches(),
    *_pairs(),
    *_radii(),
    *_others(),
    *_points_of_sites(),
    *_cells(),
    *_tiles(),
]
