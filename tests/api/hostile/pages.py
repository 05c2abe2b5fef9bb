"""The pages for people: whatever is asked of them, they do not break."""

from tests.api.hostile.case import Case

FORM = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
TOKENS = (
    "canary",
    "",
    "%00",
    "%FF%FE",
    "..",
    "%2e%2e%2fadmin",
    "c" * 5_000,
    "%0a%0d",
    "a/b/c",
    "%F0%9F%8F%A5",
)
BODIES = {
    "nothing": b"",
    "bytes": b"\xff\xfe\x00",
    "JSON": b'{"canary":1}',
    "a thousand fields": b"&".join(b"c%d=1" % n for n in range(1_500)),
    "a long field": b"id=" + b"c" * 10_000,
    "NUL": b"id=%00&kind=%00&state=%00",
    "lone surrogates": b"id=%ED%A0%80&username=%ED%A0%80&password=%ED%A0%80",
    "the same twice": b"username=ada&username=grace",
}
TYPES = (
    "multipart/form-data; boundary=canary",
    "multipart/form-data",
    "multipart/form-data; boundary=" + "c" * 500,
    "application/x-www-form-urlencoded; charset=canary",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/json",
    "",
    "canary; a*=x''%ff",
)


def _links() -> list[Case]:
    cases = [
        Case(f"{method} {page}{token[:30]}", None, method, f"{page}{token}/", body=b"", status=404)
        for page in ("/r/", "/join/")
        for token in TOKENS
        for method in ("GET", "POST")
    ]
    cases += [
        Case(f"{page} takes no {method}", None, method, f"{page}canary/", body=b"", status=405)
        for page in ("/r/", "/join/")
        for method in ("PUT", "DELETE", "TRACE", "canary")
    ]
    return cases + [
        Case(f"{page} is sent {what}", path=f"{page}canary/", body=body, headers=FORM, status=404)
        for page in ("/r/", "/join/")
        for what, body in BODIES.items()
    ]


def _open_pages() -> list[Case]:
    """Pages of a link and of an invitation that are good: the forms behind them."""
    cases = [
        Case(f"{page} with {what}", path=page, body=body, headers=FORM, status=400)
        for page in ("/r/{link}/", "/join/{invitation}/")
        for what, body in BODIES.items()
    ]
    return cases + [
        Case(
            f"{page} as {type_[:60]!r}",
            path=page,
            body=b"--canary",
            headers={"CONTENT_TYPE": type_},
            status=400,
        )
        for page in ("/r/{link}/", "/join/{invitation}/")
        for type_ in TYPES
    ]


def _admin() -> list[Case]:
    """Django's own pages: a form without its CSRF token is refused before it is read."""
    login = "/admin/login/"
    cases = [
        Case(f"{login} is sent {what}", path=login, body=body, headers=FORM, status=403)
        for what, body in BODIES.items()
    ]
    cases += [
        Case(
            f"{login} as {type_[:60]!r}",
            path=login,
            body=b"--canary",
            headers={"CONTENT_TYPE": type_},
            status=403,
        )
        for type_ in TYPES
    ]
    queries = (
        "next=//canary.example",
        "next=%00",
        "next=javascript:canary",
        "next=" + "c" * 5_000,
        "%FF=%FE",
    )
    return cases + [
        Case(f"{login}?{query[:30]}", None, "GET", login, query, b"") for query in queries
    ]


def _read(name: str, path: str, status: int, query: str = "") -> Case:
    return Case(name, None, "GET", path, query, b"", status=status)


def _others() -> list[Case]:
    return [
        _read("the guide with a strange query", "/api/docs/", 200, "script=%00&canary"),
        _read("the guide asks for no position", "/api/docs/", 400, "lat=39.9526"),
        Case("the guide takes no POST", path="/api/docs/", status=405),
        _read("static files lie below", "/static/../../etc/canary", 404),
        _read("static files, encoded", "/static/%2e%2e/%2e%2e/etc/canary", 404),
        _read("static files and NUL", "/static/%00", 404),
        _read("a page of nobody", "/%00canary", 404),
        _read("a page of bytes", "/%FF%FE", 404),
        _read("a page of the admin that is none", "/admin/canary/%00/", 302),
    ]


CASES = [*_links(), *_open_pages(), *_admin(), *_others()]
