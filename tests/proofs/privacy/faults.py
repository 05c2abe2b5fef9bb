"""Code that breaks whenever the census asks for it, by a header.

What is raised holds all that was sent, in its text and in local variables, as a careless line of
code or of a library might do. The product is not changed: its functions are replaced in here.
"""

import io
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import psycopg
from django.contrib.admin.sites import AdminSite
from django.db import connection

import api.middleware
import api.short_cut
import api.v1.nearby
from services.search import find_nearby
from tests.proofs.privacy.asking import Request
from tests.proofs.privacy.canaries import Canary
from tests.proofs.privacy.searches import NEARBY

HEADER, FAULT = "X-Census-Fault", "HTTP_X_CENSUS_FAULT"
FAULTS = ("search", "short cut", "view", "page", "database", "stream")
now: Any = threading.local()

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Replace = Callable[[Any, str, Any], object]


class CarelessError(Exception):
    """Says everything."""


def request_for(fault: str, one: Canary) -> Request:
    """A request that meets a fault, with values of a searcher wherever they fit."""
    headers = {HEADER: fault}
    if fault == "page":
        return Request("GET", "/admin/login/", headers=headers)
    if fault in ("search", "short cut"):
        return Request("POST", NEARBY, one.position, headers)
    return Request("POST", "/api/v1/verify/", one.position | {"place": one.place}, headers)


def put_into(shortcut: Any, replace: Replace) -> None:
    """Put the faults in.

    Args:
        shortcut: the product's application, without its last wall.
        replace: like setattr.
    """
    replace(api.v1.nearby, "find_nearby", breaks("search", find_nearby))
    replace(api.short_cut, "frame_of", breaks("short cut", api.short_cut.frame_of))
    replace(api.middleware, "_answer", breaks("view", asks_badly(api.middleware._answer)))
    replace(AdminSite, "each_context", breaks("page", AdminSite.each_context))
    replace(shortcut, "application", streaming(shortcut.application))


class Remembering:
    """An application of which each thread remembers what it is asked."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self.is_ready, self.is_search = application.is_ready, application.is_search

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Remember, and ask."""
        now.environ, now.body = environ, b""
        if FAULT in environ:
            now.body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(now.body)
        answer: Iterable[bytes] = self._application(environ, start)
        return answer


def everything() -> str:
    """All that is known of the request."""
    return f"{now.body!r} {now.environ!r}"


def breaks(name: str, usual: Callable[..., Any]) -> Callable[..., Any]:
    """A function that raises if the request asks for this fault, and else does what is usual."""

    def replaced(*args: Any, **more: Any) -> Any:
        if now.environ.get(FAULT) == name:
            all_of_it = everything()
            raise CarelessError(all_of_it, args, more)
        return usual(*args, **more)

    return replaced


def asks_badly(usual: Callable[..., Any]) -> Callable[..., Any]:
    """A function that first sends the database a query with what was sent, which it refuses."""

    def replaced(*args: Any, **more: Any) -> Any:
        if now.environ.get(FAULT) == "database":
            connection.ensure_connection()
            with psycopg.Cursor(connection.connection) as cursor:  # sends values beside the query
                cursor.execute("SELECT %s::text::uuid", [now.environ["HTTP_USER_AGENT"]])
        return usual(*args, **more)

    return replaced


def streaming(usual: Application) -> Application:
    """An application whose answers break while they are sent, if the request asks for it."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        content = usual(environ, start)
        return broken_off(content) if environ.get(FAULT) == "stream" else content

    return answer


def broken_off(content: Iterable[bytes]) -> Iterator[bytes]:
    """The beginning of an answer."""
    yield from list(content)[:1]
    raise CarelessError(everything())
