"""The search's short cut through WSGI answers what the way through all of Django answers."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.db import close_old_connections

from api.short_cut import FRAMES_KEPT, SEARCH, SearchShortCut
from tests.api.conftest import Phone
from tests.builders import a_service
from tests.wsgi import TLS, asked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _connections_stay_open() -> Iterator[None]:
    """A request through all of Django would close the test's own connection."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


AT = "2026-11-23T14:00:00-05:00"
GOOD = b'{"lat": 39.95, "lon": -75.16}'


@pytest.mark.parametrize(
    ("body", "more"),
    [
        ({"lat": 39.95, "lon": -75.16, "at": AT}, {}),
        ({"lat": 39.95, "lon": -75.16, "at": AT, "language": "es", "max_km": 0.001}, {}),
        ({"lat": 91, "lon": -75.16}, {}),
        ({"lat": 39.95, "lon": -75.16}, {"QUERY_STRING": "lat=39.95"}),
        ({"lat": 39.95, "lon": -75.16}, {"CONTENT_TYPE": "text/plain"}),
        ({}, {"REQUEST_METHOD": "GET"}),
        ({}, {"REQUEST_METHOD": "HEAD"}),
        ({}, {"REQUEST_METHOD": "OPTIONS"}),
    ],
)
@pytest.mark.parametrize("secure", [False, True])
def test_both_ways_answer_alike(
    settings: Any, refresh: Any, body: dict[str, Any], more: dict[str, Any], secure: bool
) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 3600
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    a_service()
    refresh()
    sent = json.dumps(body).encode()
    more = more | {"wsgi.url_scheme": "https" if secure else "http"}
    django = WSGIHandler()
    short_cut = SearchShortCut(django)
    for _ in range(3):  # the second and third in a frame that is known, if any is
        status, headers, content, _ = asked(short_cut, sent, **more)
        assert (status, headers, content) == asked(django, sent, **more)[:3]
        refused = "QUERY_STRING" in more  # a redirect would repeat it
        assert status.startswith("301") is not (secure or refused)
        assert ("Strict-Transport-Security" in headers) is secure
        asked(short_cut, GOOD, **TLS)


@pytest.fixture
def known(refresh: Any) -> SearchShortCut:
    """A short cut that has answered in this frame before, and needs Django no more for it."""
    a_service()
    refresh()
    short_cut = SearchShortCut(WSGIHandler())
    assert asked(short_cut, GOOD)[0] == "200 OK"
    through_django, short_cut.answer = short_cut.answer, None
    assert asked(short_cut, GOOD)[0] == "200 OK"
    short_cut.answer = through_django
    return short_cut


class Broken(io.BytesIO):
    def read(self, *_: Any) -> bytes:
        raise OSError


@pytest.mark.parametrize(
    ("body", "more", "status"),
    [
        (b"{", {}, "400"),
        (b'{"lat": 91, "lon": 0}', {}, "400"),
        (GOOD, {"CONTENT_LENGTH": "9" * 5000}, "413"),
        (GOOD, {"CONTENT_LENGTH": "-1"}, "400"),
        (GOOD, {"CONTENT_LENGTH": "20"}, "400"),
        (GOOD, {"wsgi.input": Broken()}, "400"),
        (GOOD, {"CONTENT_LENGTH": "20000", "wsgi.input": Broken()}, "413"),
        (GOOD, {"HTTP_CONTENT_ENCODING": "gzip"}, "400"),
        (GOOD, {"HTTP_HOST": "elsewhere.example"}, "400"),
        (GOOD, {"QUERY_STRING": "lat=1"}, "400"),
        (GOOD, {"CONTENT_TYPE": "text/plain"}, "415"),
        (GOOD, {"REQUEST_METHOD": "GET"}, "405"),
    ],
)
def test_a_known_frame_refuses_what_django_refuses(
    known: SearchShortCut, body: bytes, more: dict[str, Any], status: str
) -> None:
    told = asked(known, body, **more)
    assert told[0].startswith(status)
    assert told[1]["Content-Type"] == "application/problem+json"
    assert told[:3] == asked(SearchShortCut(WSGIHandler()), body, **more)[:3]
    assert asked(known, GOOD)[0] == "200 OK"


def test_frames_are_bounded_and_hold_nothing_that_somebody_made_up(known: SearchShortCut) -> None:
    for port in range(200):
        assert asked(known, GOOD, HTTP_HOST=f"localhost:{port}")[0] == "200 OK"
    asked(known, GOOD, CONTENT_TYPE="application/json; lat=39.9500")
    asked(known, GOOD, HTTP_X_FORWARDED_HOST="39.95", HTTP_X_FORWARDED_PORT="75")
    assert len(known._frames) <= FRAMES_KEPT
    assert "39.95" not in str(known._frames)


def test_a_known_frame_answers_in_the_language_of_each(known: SearchShortCut) -> None:
    far = b'{"lat": -39.95, "lon": 75.16}'
    english, spanish = (
        asked(known, far, HTTP_ACCEPT_LANGUAGE=language) for language in ("en", "es")
    )
    assert english[1] == spanish[1] | {"Content-Length": english[1]["Content-Length"]}
    assert english[2] != spanish[2]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_another_host_is_refused_and_not_redirected(settings: Any, scheme: str) -> None:
    settings.SECURE_SSL_REDIRECT = True
    more = {"HTTP_HOST": "elsewhere.example", "wsgi.url_scheme": scheme}
    status, headers, content, _ = asked(SearchShortCut(WSGIHandler()), b"{}", **more)
    assert status == "400 Bad Request"
    assert headers["Content-Type"] == "application/problem+json"
    assert b"elsewhere" not in content


def test_a_content_type_that_cannot_be_read_is_refused(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = False
    more = {"CONTENT_TYPE": "application/json; a*=x''%ff"}
    assert asked(SearchShortCut(WSGIHandler()), b"{}", **more)[0].startswith("415")


def test_a_search_closes_no_connection_and_sends_no_signal(refresh: Any) -> None:
    a_service()
    refresh()
    body = b'{"lat": 39.95, "lon": -75.16}'
    content = asked(SearchShortCut(WSGIHandler()), body)[3]
    assert not hasattr(content, "close")


def test_all_else_goes_to_django(phone: Phone) -> None:
    seen = []

    def application(environ: dict[str, Any], _: Any) -> list[bytes]:
        seen.append(environ["PATH_INFO"])
        return [b""]

    short_cut = SearchShortCut(application)
    for more in ({"PATH_INFO": "/admin/"}, {"PATH_INFO": SEARCH[:-1]}, {"SCRIPT_NAME": "/below"}):
        environ = {"PATH_INFO": SEARCH, "SCRIPT_NAME": "", "REQUEST_METHOD": "POST"} | more
        short_cut(environ, lambda *_: None)
    assert seen == ["/admin/", SEARCH[:-1], SEARCH]


def test_the_project_is_served_with_it() -> None:
    """Read, not imported: importing it would start the thread that follows changes."""
    from django.conf import settings

    text = (settings.BASE_DIR / "locator" / "wsgi.py").read_text()
    assert "application = LastWall(SearchShortCut(django_application))" in text
