"""The application of ``make run``, in which something breaks whenever the census asks for it.

What is raised holds all that was sent, in its text and in local variables, as a careless line of
code or of a library might do. The product is not changed: its functions are replaced in here.
"""

import io
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.admin.sites import AdminSite
from django.db import connection

import api.middleware
import api.short_cut
import api.v1.nearby
from locator.wsgi import application as real

FAULT = "HTTP_X_CENSUS_FAULT"
HEADER = "X-Census-Fault"
now: Any = threading.local()

settings.ADMINS = [("Whoever is called at night", "admin@localhost")]


class CarelessError(Exception):
    """Says everything."""


def told() -> str:
    """All that is known of the request."""
    return f"{now.body!r} {now.environ!r}"


def breaks(name: str, usual: Callable[..., Any]) -> Callable[..., Any]:
    """A function that raises if the request asks for this fault, and else does what is usual."""

    def replaced(*args: Any, **more: Any) -> Any:
        if now.environ.get(FAULT) == name:
            everything = told()
            raise CarelessError(everything, args, more)
        return usual(*args, **more)

    return replaced


def asks_badly(usual: Callable[..., Any]) -> Callable[..., Any]:
    """A function that first sends the database a query with what was sent, which it refuses."""

    def replaced(*args: Any, **more: Any) -> Any:
        if now.environ.get(FAULT) == "database":
            with connection.cursor() as cursor:
                cursor.execute("SELECT %s::uuid", [now.environ["HTTP_USER_AGENT"]])
        return usual(*args, **more)

    return replaced


def broken_off(content: Iterable[bytes]) -> Iterator[bytes]:
    """An answer that breaks while it is sent."""
    yield from list(content)[:1]
    raise CarelessError(told())


api.v1.nearby.find_nearby = breaks("search", api.v1.nearby.find_nearby)
api.short_cut.frame_of = breaks("short cut", api.short_cut.frame_of)
api.middleware._answer = breaks("view", asks_badly(api.middleware._answer))
AdminSite.login = breaks("page", AdminSite.login)  # type: ignore[method-assign]
FAULTS = ("search", "short cut", "view", "page", "database", "stream")

_django = real.application


def _streaming(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    content = _django(environ, start_response)
    return broken_off(content) if environ.get(FAULT) == "stream" else content


real.application = _streaming


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The application, which remembers what each thread is asked."""
    now.environ, now.body = environ, b""
    if FAULT in environ:
        now.body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(now.body)
    answer: Iterable[bytes] = real(environ, start_response)
    return answer
