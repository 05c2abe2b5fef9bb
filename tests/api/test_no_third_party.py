"""No third party learns of a search: nothing that is served loads anything from elsewhere."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from services.models import User
from tests.builders import a_service
from tests.services.admin.door import signed_in

# Attributes whose address a browser asks for by itself, or sends a form to.
LOADED = {"src", "srcset", "data", "poster", "action", "formaction", "background", "manifest"}
LOADING = {"link", "base", "use", "image"}  # whose href is asked for without a click
ELSEWHERE = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
IN_CSS = re.compile(r"""(?:@import\s+|url\()\s*["']?\s*((?:https?:)?//[^"')\s]+)""", re.IGNORECASE)
ASKS = re.compile(
    r"""(?:fetch|open|sendBeacon|importScripts|import|WebSocket|EventSource|Worker|\.src\s*=|"""
    r"""\.href\s*=|\.action\s*=)\s*\(?\s*(?:["'](?:GET|POST)["']\s*,\s*)?["'`]((?:https?:|wss?:)?//"""
    r"""[^"'`\s]+)""",
    re.IGNORECASE,
)
MARKUP = (".html", ".svg")
PAGES = [
    *("/api/docs/", "/api/docs/?script=", "/r/nothing", "/join/nothing", "/problems/invalid"),
    *("/admin/login/", "/nothing", "/api/v1/nothing/"),
]
ADMIN = [
    *("/admin/", "/admin/services/site/", "/admin/services/site/add/", "/admin/services/service/"),
    *("/admin/services/organization/", "/admin/services/service/export/", "/admin/jsi18n/"),
    *("/admin/password_change/", "/admin/services/user/add/"),
]


class Addresses(HTMLParser):
    """Addresses of a page that a browser asks without being told to by a person."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            asked = name in LOADED or (tag in LOADING and name in ("href", "xlink:href"))
            if asked and value:
                self.found += [part.strip() for part in value.split(",")]
            if name == "style" and value:
                self.found += IN_CSS.findall(value)

    def error(self, message: str) -> None:
        raise AssertionError(message)


def asked_by(page: str, *, markup: bool = True) -> list[str]:
    reader = Addresses()
    if markup:
        reader.feed(page)
    addresses = [*reader.found, *IN_CSS.findall(page), *ASKS.findall(page)]
    return [address for address in addresses if ELSEWHERE.match(address)]


def shows_nothing_from_elsewhere(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code in (200, 400, 404), (path, response.status_code)
    assert asked_by(response.content.decode()) == [], path
    policy = response["Content-Security-Policy"]
    sources = re.findall(r"(?:\w+-src|form-action|base-uri|frame-ancestors) ([^;]*)", policy)
    assert sources
    assert not [one for one in sources if re.search(r"https?:|\*|//", one)], policy
    assert response["Referrer-Policy"] in ("no-referrer", "same-origin")


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_a_page_for_everybody_asks_nobody_else(path: str) -> None:
    shows_nothing_from_elsewhere(Client(), path)


@pytest.fixture
def browser(db: None) -> Client:
    return signed_in(User.objects.create_superuser("moderator", password="a long password"))


@pytest.mark.parametrize("path", ADMIN)
def test_a_page_of_the_admin_asks_nobody_else(browser: Client, path: str) -> None:
    shows_nothing_from_elsewhere(browser, path)


def test_the_page_of_a_listing_asks_nobody_else(browser: Client) -> None:
    service = a_service()
    for path in (f"site/{service.site.pk}", f"service/{service.pk}"):
        shows_nothing_from_elsewhere(browser, f"/admin/services/{path}/change/")


def served_files() -> Iterator[tuple[str, Path]]:
    for finder in finders.get_finders():
        for name, storage in finder.list([]):
            if name.endswith((".js", ".css", ".html", ".svg")):
                yield name, Path(storage.path(name))


def test_no_script_and_no_style_asks_anybody_else() -> None:
    files = dict(served_files())
    assert len(files) > 50
    asked = {
        name: found
        for name, path in files.items()
        if (found := asked_by(path.read_text(errors="replace"), markup=name.endswith(MARKUP)))
    }
    assert asked == {}


@pytest.mark.parametrize(
    "page",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="preconnect" href="//fonts.example">',
        '<img srcset="/a.png, https://pixel.example/b.png 2x">',
        '<form action="http://example.org/">',
        '<p style="background: url(//example.org/a.png)">',
        "@import 'https://fonts.example/a.css';",
        'fetch("https://example.org/collect")',
        'new WebSocket("wss://example.org")',
        'request.open("GET", "https://example.org")',
        'image.src = "//example.org/pixel"',
    ],
)
def test_what_would_ask_somebody_else_is_noticed(page: str) -> None:
    assert asked_by(page)


def test_links_that_a_person_clicks_are_their_own_choice() -> None:
    assert asked_by('<a href="https://example.org/">the clinic\'s own page</a>') == []
