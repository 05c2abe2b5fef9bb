"""Every way to ask where help is, with values of the searcher wherever a value can stand."""

import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from tests.proofs.privacy.asking import Request
from tests.proofs.privacy.canaries import Canary, geohash

NEARBY, READINESS = "/api/v1/nearby/", "/readyz"
ZOOM = 12  # a tile of some 5 km there
ZIPS = ("19125", "10001", "44101")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Listed:
    """Ids to ask for, and the token of an outreach worker."""

    service: str
    site: str
    organization: str
    token: str


Way = Callable[[Canary, Listed], Request]


def word(one: Canary) -> str:
    """A text of theirs that fits in a path."""
    return one.place.split()[0]


def _nearby(one: Canary, **more: object) -> Request:
    return Request("POST", NEARBY, one.position | more)


def _query(one: Canary) -> str:
    return f"lat={one.lat!r}&lon={one.lon!r}"


def _tile(one: Canary, _: Listed) -> Request:
    """The tile opposite to theirs, which is as peculiar.

    A tile comes from the database, which for a moment knows its edges; those must not look like
    somebody else's rounded coordinates.
    """
    size = 2**ZOOM
    x = int((180 - one.lon) / 360 * size)
    y = int((1 + math.asinh(math.tan(math.radians(one.lat))) / math.pi) / 2 * size)
    path = f"/api/v1/map/{ZOOM}/{x}/{y}.geojson"
    return Request("GET", path, told=path[5:])


def _cell(one: Canary, _: Listed) -> Request:
    cell = f"cells/{geohash(one.lat, one.lon, 5)}/"
    return Request("GET", f"/api/v1/{cell}", told=cell)


def _verify(one: Canary, listed: Listed) -> Request:
    headers = {"Authorization": f"Bearer {listed.token}"}
    return Request("POST", "/api/v1/verify/", one.position, headers)


# Searches proper, which most people send.
SEARCHES: list[Way] = [
    lambda one, _: _nearby(one),
    lambda one, _: _nearby(one, mode="walk", kinds=["methadone", "suboxone"], limit=3),
    lambda one, _: _nearby(one, open_now=True, available_only=True, strict=True, language="es"),
    lambda one, _: _nearby(one, access={"walk_in": True, "medicaid": True}, max_km=50),
    lambda one, _: Request("POST", NEARBY, {"place": ZIPS[one.number % len(ZIPS)]}),
    lambda one, _: Request("POST", NEARBY, {"place": "Philadelphia, PA"}),
    lambda one, _: Request("POST", NEARBY, {"place": one.place}),
    lambda one, _: Request("POST", NEARBY, {"place": f"Philadelphia, {word(one)}"}),
    lambda one, _: _nearby(one, kinds=[one.place]),
    lambda one, _: _nearby(one, language=word(one)),
    lambda one, _: _nearby(one, **{one.place: 1}),
    lambda one, _: Request("POST", NEARBY, {"lat": str(one.lat), "lon": [one.lon]}),
    lambda one, _: Request("POST", NEARBY, {"lat": one.lat}),
    _verify,
    _cell,
    _tile,
]
# Reading, and pages for people.
READING: list[Way] = [
    lambda one, listed: Request("GET", f"/api/v1/services/{listed.service}/"),
    lambda one, listed: Request("GET", f"/api/v1/sites/{listed.site}/"),
    lambda one, listed: Request("GET", f"/api/v1/organizations/{listed.organization}/"),
    lambda one, _: Request("GET", f"/api/v1/services/?kind={word(one)}&region={word(one)}"),
    lambda one, _: Request("GET", f"/api/v1/sites/?cursor={word(one)}"),
    lambda one, _: Request("GET", "/api/v1/packs/"),
    lambda one, _: Request("GET", f"/api/v1/packs/{word(one)}/"),
    lambda one, _: Request("GET", f"/api/v1/changes/?cursor={word(one)}&region={word(one)}"),
    lambda one, _: Request("GET", "/api/v1/kinds/", headers={"Accept-Language": word(one)}),
    lambda one, _: Request("GET", f"/api/v1/{word(one)}/"),
    lambda one, _: Request("GET", f"/{word(one)}"),
    lambda one, _: Request("GET", "/api/docs/"),
    lambda one, _: Request("GET", f"/r/{word(one)}"),
    lambda one, _: Request("GET", f"/join/{word(one)}"),
    lambda one, _: Request("GET", "/admin/login/", headers={"Accept-Language": word(one)}),
    lambda one, _: Request("OPTIONS", NEARBY, headers={"Origin": one.referrer}),
    lambda one, _: Request("HEAD", NEARBY),
    lambda one, _: Request("GET", READINESS),
    lambda one, listed: Request(
        "POST",
        f"/api/v1/services/{listed.service}/outcomes/",
        {"id": str(uuid.UUID(int=one.number)), "outcome": "served"},
    ),
    lambda one, listed: Request(
        "POST",
        f"/api/v1/services/{listed.service}/reports/",
        {"id": str(uuid.UUID(int=one.number)), "state": "full", **one.position},
    ),
    lambda one, _: Request(
        "POST", "/api/v1/tokens/", {"username": "nobody", "password": one.token}
    ),
]
# A position in a URL, which is refused.
IN_A_URL: list[Way] = [
    lambda one, _: Request("GET", f"{NEARBY}?{_query(one)}"),
    lambda one, _: Request("POST", f"{NEARBY}?{_query(one)}", one.position),
    lambda one, _: Request("GET", f"/api/v1/services/?{_query(one)}"),
    lambda one, _: Request("GET", f"/api/docs/?{_query(one)}"),
    lambda one, _: Request("GET", f"/?{_query(one)}"),
    lambda one, _: Request("GET", f"/admin/?{_query(one)}"),
    lambda one, _: Request("GET", f"/admin/login?{_query(one)}"),
    lambda one, _: Request("GET", f"/join/?{_query(one)}"),
]
EVERY_WAY = [*SEARCHES, *READING, *IN_A_URL]
