"""Paths that climb, hide or double, methods that do not fit, parameters that stand twice."""

from api.refusals import BAD_REQUEST, INVALID, METHOD_NOT_ALLOWED, NOT_FOUND, POSITION_IN_URL
from tests.api.hostile.case import SERVICE, Case, a_reading

NOWHERE = (
    "/api",
    "/api/",
    "/api/v1",
    "/api/v2/nearby/",
    "/api/v1/nearby",
    "/api/v1/NEARBY/",
    "/api/v1/nearby//",
    "/api/v1//nearby/",
    "//api/v1/nearby/"[1:] + "%20",
    "/api/v1/nearby/%00",
    "/api/v1/nearby/%0d%0aSet-Cookie:canary=1",
    "/api/v1/nearby/39.9526,-75.1652/",
    "/api/v1/nearby;lat=39.9526/",
    "/api/v1/%256Eearby/",
    "/api/v1/nearby%252F",
    "/api/v1/../v1/nearby/",
    "/api/v1/./nearby/",
    "/api/../admin/",
    "/api/%2e%2e/admin/",
    "/api/%2e%2e%2fadmin/",
    "/api/..%5c..%5cetc%5ccanary",
    "/api/v1/....//....//etc/canary",
    "/api/v1/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/canary",
    "/api/v1/%uff0e%uff0e/canary",
    "/api/v1/%",
    "/api/v1/%zz/",
    "/api/v1/%ff%fe/",
    "/api/v1/%F0%9F%8F%A5/",
    "/api/v1/schema.json",
    "/api/v1/.env",
    "/api/v1/.git/config",
    "/api/v1/services/?/../".replace("?", "%3F"),
    "/api/v1/services/%0A",
    "/api/v1/kinds/canary",
    "/api/" + "canary/" * 1_000,
    "/api/" + "%2e%2e/" * 500,
    "/healthz/",
    "/readyz/canary",
    "/problems/",
    "/problems/canary",
    "/problems/../admin",
)
METHODS = {
    "/api/v1/nearby/": ("GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND"),
    "/api/v1/kinds/": ("POST", "PUT", "DELETE", "TRACE", "canary", "QUERY"),
    "/api/v1/sites/": ("POST", "PUT", "PATCH", "DELETE", "TRACE", "canary"),
    "/api/v1/reports/batch/": ("GET", "PUT", "DELETE"),
    f"/api/v1/services/{SERVICE}/": ("POST", "PUT", "DELETE", "MKCOL"),
    "/healthz": ("POST", "DELETE", "BREW"),
}
# A query string, where it is asked, and how that is refused.
QUERIES = {
    **dict.fromkeys(
        (
            ("/api/v1/kinds/", "language=es&language=fr"),
            ("/api/v1/sites/", "limit=1&limit=2"),
            ("/api/v1/sites/", "region=PA&region=NJ"),
            ("/api/v1/sites/", "cursor=&cursor="),
            ("/api/v1/services/", f"site={SERVICE}&site={SERVICE}"),
            ("/api/v1/staleness/regions/", "format=json&format=csv"),
            ("/api/v1/cells/dr4e/", "limit=5&limit=6"),
            ("/api/v1/changes/", "region=US-PA&region=US-NJ&cursor=canary"),
            ("/api/v1/kinds/", "banana=1"),
            ("/api/v1/kinds/", "=canary"),
            ("/api/v1/kinds/", "%00=1"),
            ("/api/v1/kinds/", "%FF=%FE"),
            ("/api/v1/kinds/", "language=canary%00"),
            ("/api/v1/kinds/", "language=" + "c" * 5_000),
            ("/api/v1/kinds/", "&;&;canary"),
            ("/api/v1/sites/", "limit=0"),
            ("/api/v1/sites/", "limit=-1"),
            ("/api/v1/sites/", "limit=1e1"),
            ("/api/v1/sites/", "limit=%D9%A1"),
            ("/api/v1/sites/", "limit=%C2%B2"),
            ("/api/v1/sites/", "limit=" + "9" * 5_000),
            ("/api/v1/sites/", "limit="),
            ("/api/v1/sites/", "limit[]=1"),
            ("/api/v1/sites/", "limit=1%00"),
            ("/api/v1/sites/", "organization=canary"),
            ("/api/v1/sites/", "organization="),
            ("/api/v1/sites/", "region=" + "c" * 9),
            ("/api/v1/sites/", "region=%00"),
            ("/api/v1/sites/", "region="),
            ("/api/v1/sites/", "country=USA"),
            ("/api/v1/sites/", "format=json"),
            ("/api/v1/services/", "kind=canary"),
            ("/api/v1/services/", "kind="),
            ("/api/v1/services/", "kind=detox&kind=canary"),
            ("/api/v1/services/", "kind__in=detox"),
            ("/api/v1/services/", "site__organization__name=canary"),
            ("/api/v1/cells/dr4e/", "kinds=canary"),
            ("/api/v1/cells/dr4e/", "kinds=" + "detox," * 60),
            ("/api/v1/cells/dr4e/", "offset=5001"),
            ("/api/v1/schema/", "format=canary"),
            ("/api/v1/map/0/0/0.geojson", "callback=canary"),
        ),
        INVALID,
    ),
    **dict.fromkeys(
        (
            ("/api/v1/sites/", "lat=39.9526"),
            ("/api/v1/sites/", "l%61t=39.9526"),
            ("/api/v1/sites/", "LON=-75.1652&canary"),
            ("/api/v1/sites/", "filter[lat]=39.9526"),
            ("/api/v1/sites/", "%00lat=39.9526"),
            ("/api/v1/canary/", "position=39.9526"),
            ("/healthz", "ll=39.9526,-75.1652"),
        ),
        POSITION_IN_URL,
    ),
    ("/api/v1/kinds/", "&".join(f"c{n}=1" for n in range(200))): BAD_REQUEST,
    ("/api/v1/kinds/", "&" * 5_000 + "a=1"): BAD_REQUEST,
}


def _methods() -> list[Case]:
    return [
        Case(f"{method} {path}", METHOD_NOT_ALLOWED, method, path, body=b"{}")
        for path, methods in METHODS.items()
        for method in methods
    ]


CASES = [
    *(a_reading(f"path {path[:60]!r}", NOT_FOUND, path) for path in NOWHERE),
    *(Case(f"posted to {path[:60]!r}", NOT_FOUND, path=path) for path in NOWHERE[:20]),
    *_methods(),
    *(
        a_reading(f"{path}?{query[:50]}", refused, path, query)
        for (path, query), refused in QUERIES.items()
    ),
    Case("a search with a query", POSITION_IN_URL, query="canary=1"),
    Case("a search with its position in the query", POSITION_IN_URL, query="lat=39.9526"),
]
