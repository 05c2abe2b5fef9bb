"""Every answer has the headers that keep a browser from doing harm, whoever gives it."""

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from api import report_page
from api.headers import EVERYWHERE, PAGE_HEADERS
from api.requests import ReadingHandler
from api.rooms import Room
from api.short_cut import SEARCH, SearchShortCut
from services.models import User
from services.reporting_links import make_link
from tests.builders import a_service
from tests.services.admin.door import signed_in
from tests.wsgi import TLS, asked

METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
SAMPLES = {
    "uuid": str(uuid.UUID(int=7)),
    "str": "x",
    "slug": "x",
    "path": "1",
    "int": "1",
    "tile": "1",
}
KNOWN_POLICIES = {"no-referrer", "same-origin"}  # the second: the admin, or no form would arrive


def routes(patterns: Any = None, before: str = "") -> Iterator[str]:
    """A path for every pattern there is."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        here = before + _filled(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, here)
        elif isinstance(one, URLPattern):
            yield here


def _filled(pattern: Any) -> str:
    if not hasattr(pattern, "_route"):  # a regular expression: of links, and of the admin's rest
        text = str(pattern).lstrip("^")
        return text.partition("(?P<")[0] + "x/" if "(?P<" in text else ""
    written = str(pattern._route)
    for name, converter in pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        sample = SAMPLES["tile" if kind == "tilenumber" else kind.replace("string", "str")]
        written = written.replace(f"<{name}>", sample)
        for spelled in ("uuid", "str", "slug", "path", "int", "tile"):
            written = written.replace(f"<{spelled}:{name}>", sample)
    return written


PATHS = sorted({f"/{path}" for path in routes()})


def lacking(response: Any) -> list[str]:
    """What an answer lacks of what every answer has."""
    headers = response.headers
    wrong = [name for name in EVERYWHERE if name not in headers]
    policy = headers.get("Content-Security-Policy", "")
    kept = ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'")
    if "unsafe" in policy or not all(word in policy for word in kept):
        wrong.append("a strict policy")
    if headers.get("Permissions-Policy") != PAGE_HEADERS["Permissions-Policy"]:
        wrong.append("all permissions denied")
    if headers.get("Referrer-Policy") not in KNOWN_POLICIES:
        wrong.append("no referrer")
    return wrong


@pytest.fixture
def moderator(db: None) -> User:
    return User.objects.create_superuser("moderator", password="a long password")


@pytest.fixture(autouse=True)
def _static_files(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = str(tmp_path)
    (tmp_path / "page.css").write_text("p {}")
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


def test_the_walk_knows_every_kind_of_page() -> None:
    assert len(PATHS) > 100
    for path in ("/api/v1/nearby/", "/admin/", "/healthz", "/r/x/", "/.well-known/security.txt"):
        assert path in PATHS


@pytest.mark.django_db
@pytest.mark.parametrize("secure", [True, False])
def test_every_route_answers_with_all_headers(settings: Any, secure: bool) -> None:
    settings.SECURE_SSL_REDIRECT = True
    anybody = Client(raise_request_exception=False)
    for path in PATHS:
        for method in METHODS:
            response = getattr(anybody, method)(path, secure=secure)
            assert lacking(response) == [], (method, path, response.status_code)
            if method == "post":
                assert "no-store" in response["Cache-Control"], path


def test_every_page_of_the_admin_answers_with_all_headers(settings: Any, moderator: User) -> None:
    settings.SESSION_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    client = signed_in(moderator)
    client.raise_request_exception = False
    statuses = set()
    for path in PATHS:
        if path.startswith("/admin/") and path != "/admin/logout/":
            response = client.get(path)
            statuses.add(response.status_code)
            assert lacking(response) == [], (path, response.status_code)
            assert "no-store" in response["Cache-Control"], path
    assert {200, 302} <= statuses


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/static/page.css", {}),
        ("/static/none.css", {}),
        ("/static/../settings.py", {}),
        ("/nothing", {}),
        ("/admin", {}),
        ("/nothing", {"HTTP_HOST": "elsewhere.example"}),
        ("/static/page.css", {"HTTP_HOST": "elsewhere.example"}),
        ("/api/v1/kinds/", {"HTTP_HOST": "["}),
        ("/api/v1/kinds/?lat=1", {}),
        ("/%00", {}),
        ("/%ff", {}),
        (f"/{'a' * 9000}", {}),
    ],
)
def test_files_and_refusals_have_them_too(path: str, more: dict[str, str]) -> None:
    response = Client(raise_request_exception=False).get(path, **more)  # type: ignore[arg-type]
    response.close()
    assert lacking(response) == []


@pytest.mark.django_db
def test_an_answer_that_crashed_has_them_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(report_page, "link_behind", crash)
    response = Client(raise_request_exception=False).get("/r/x/")
    assert response.status_code == 500
    assert lacking(response) == []


@pytest.mark.django_db
def test_a_page_that_works_has_them_too() -> None:
    token = make_link(site=a_service().site, now=timezone.now())
    response = Client().get(f"/r/{token}/")
    assert (response.status_code, lacking(response)) == (200, [])
    assert "form-action 'self'" in response["Content-Security-Policy"]


@pytest.fixture
def entrance() -> SearchShortCut:
    """What the server calls."""
    return SearchShortCut(ReadingHandler())


@pytest.mark.django_db
def test_the_short_cut_of_searches_has_them_the_first_time_and_later(
    entrance: SearchShortCut, refresh: Any
) -> None:
    a_service()
    refresh()
    for _ in range(3):
        told = asked(entrance, b'{"lat": 39.95, "lon": -75.16}', **TLS)
        assert (told.status, lacking(told)) == ("200 OK", [])
        assert told.headers["Cache-Control"] == "no-store"


def test_the_proxys_own_answers_have_the_same() -> None:
    text = (Path(__file__).parents[2] / ".docker/Caddyfile").read_text()
    (block,) = re.findall(
        r"^\(guarded\) \{\n\theader \{\n(.*?)\n\t\}", text, re.DOTALL | re.MULTILINE
    )
    said = dict(line.strip(" \t?").split(" ", 1) for line in block.splitlines() if " " in line)
    told = {name: value.strip('"') for name, value in said.items()}
    assert {name: told.get(name) for name in EVERYWHERE} == EVERYWHERE


def test_a_search_by_another_name_has_them_too(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    told = asked(SearchShortCut(ReadingHandler()), HTTP_HOST="elsewhere.example")
    assert (told.status, lacking(told)) == ("400 Bad Request", [])


@pytest.mark.parametrize(("path", "is_open"), [("/api/v1/services/", True), ("/admin/", False)])
def test_who_finds_no_room_is_told_so_with_all_headers(
    entrance: SearchShortCut, path: str, is_open: bool
) -> None:
    entrance._room = Room(inside=1, before=0)
    with entrance._room.entered():
        told = asked(entrance, PATH_INFO=path, **TLS)
    assert (told.status, lacking(told)) == ("503 Service Unavailable", [])
    assert ("Access-Control-Allow-Origin" in told.headers) is is_open


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["a/b; c*=x-none''%ff", "multipart/form-data; boundary*=\xe9''x"])
@pytest.mark.parametrize("path", [SEARCH, "/api/v1/tokens/", "/admin/login/", "/nothing"])
def test_a_content_type_that_is_none_is_refused_by_us_and_not_by_the_server(
    settings: Any, entrance: SearchShortCut, kind: str, path: str
) -> None:
    settings.SECURE_SSL_REDIRECT = False
    told = asked(entrance, PATH_INFO=path, CONTENT_TYPE=kind, **TLS)
    assert told.status.startswith("4")
    assert lacking(told) == []


@pytest.mark.parametrize("moment", ["2026-11-26T12:00:00Z", "2036-02-29T23:59:59Z"])
def test_whom_to_tell_of_a_hole_is_said_and_never_over(settings: Any, moment: str) -> None:
    settings.SECURITY_CONTACTS = ["mailto:safety@locator.example", "https://locator.example/hole"]
    with time_machine.travel(moment, tick=False):
        response = Client().get("/.well-known/security.txt")
        now = timezone.now()
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    fields = [line.split(": ", 1) for line in response.content.decode().splitlines()]
    names = [name for name, _ in fields]
    assert [told for name, told in fields if name == "Contact"] == settings.SECURITY_CONTACTS
    assert names.count("Expires") == names.count("Canonical") == 1
    ahead = dt.datetime.fromisoformat(dict(fields)["Expires"]) - now
    assert dt.timedelta(days=90) < ahead < dt.timedelta(days=366)


def test_without_a_word_the_sender_of_our_mail_is_whom_to_tell() -> None:
    assert "Contact: mailto:locator@localhost\r\n" in (
        Client().get("/.well-known/security.txt").content.decode()
    )
