"""Ask a WSGI application as a server does, with whatever a server may hand on."""

import io
from collections.abc import Iterable
from typing import Any, NamedTuple

from api.short_cut import SEARCH

TLS: dict[str, Any] = {"wsgi.url_scheme": "https"}


class Told(NamedTuple):
    """What a server gets back; the iterable itself, too, as servers close it."""

    status: str
    headers: dict[str, str]
    body: bytes
    content: Iterable[bytes]


def environ_of(body: bytes, **more: Any) -> dict[str, Any]:
    """The environment of a search with this body, but for what is said otherwise."""
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": SEARCH,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
    } | more


def asked(application: Any, body: bytes = b"", **more: Any) -> Told:
    """What comes of one request."""
    said: list[Any] = []
    content = application(environ_of(body, **more), lambda *told: said.extend(told[:2]))
    return Told(said[0], dict(said[1]), b"".join(content), content)
