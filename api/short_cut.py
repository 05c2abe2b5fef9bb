"""The search's way in: past URL resolving, signals and every middleware but the one for HTTPS.

Each costs as much as a part of the search itself, and a search has no use for any of them: no
session, no database, no file. What answers is the same function that answers behind them.

Everything around an answer — whether it is ours to give, and its headers — depends on a few things
of the request alone: its frame. The first search in a frame goes through Django's request and
response; if that went well, those that follow in the same frame take its headers and need the
answer only. Whatever does not go well goes through Django, which knows how to say it.
"""

import io
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIRequest
from django.middleware.security import SecurityMiddleware

from api.bodies import LARGEST
from api.middleware import answered
from api.problems import problem_of
from api.v1.nearby import answer_to

SEARCH = "/api/v1/nearby/"

# What of a request its frame is: all that Django and the view look at but the body, and the
# language, in which the body is answered.
FRAME = (
    "REQUEST_METHOD",
    "QUERY_STRING",
    "CONTENT_TYPE",
    "HTTP_CONTENT_ENCODING",
    "HTTP_TRANSFER_ENCODING",
    "HTTP_HOST",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PROTO",
    "SERVER_NAME",
    "SERVER_PORT",
    "wsgi.url_scheme",
)
FRAMES_KEPT = 64

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[str, str]]


class SearchShortCut:
    """A WSGI application that answers searches and hands all else on to Django's."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.answer: Any = SecurityMiddleware(
            answered
        )  # redirects to HTTPS, and says to stay there
        self._frames: dict[tuple[str | None, ...], Headers] = {}

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one request."""
        if environ.get("PATH_INFO") != SEARCH or environ.get("SCRIPT_NAME"):
            return self.application(environ, start_response)
        frame = tuple(map(environ.get, FRAME))
        headers = self._frames.get(frame)
        if headers is not None:
            sent = _read(environ)
            if (found := _found(sent, environ)) is not None:
                start_response("200 OK", [*headers, ("Content-Length", str(len(found)))])
                return [found]
            environ = environ | {"wsgi.input": io.BytesIO(sent)}
        response = self._response(environ)
        if response.status_code == HTTPStatus.OK and len(self._frames) < FRAMES_KEPT:
            self._frames[frame] = [(k, v) for k, v in response.items() if k != "Content-Length"]
        status = f"{response.status_code} {HTTPStatus(response.status_code).phrase}"
        start_response(status, list(response.items()))
        return [response.content]  # to HEAD as well, as Django does: the server leaves it out

    def _response(self, environ: dict[str, Any]) -> Any:
        try:
            request = WSGIRequest(environ)
        except ValueError:  # a Content-Type that cannot be read
            request = WSGIRequest({**environ, "CONTENT_TYPE": ""})
        try:
            return self.answer(request)
        except DisallowedHost as exc:  # asked for by a name that is not ours, so not redirected
            return problem_of(exc, request)


def _read(environ: dict[str, Any]) -> bytes:
    """The body, as far as it may reach: one byte more tells that it is too large."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdecimal()):
        return b""  # refused for its length
    sent: bytes = environ["wsgi.input"].read(min(int(length), LARGEST + 1))
    return sent


def _found(sent: bytes, environ: dict[str, Any]) -> bytes | None:
    """The answer, or None where only a problem can be told."""
    if len(sent) > LARGEST:
        return None
    try:
        return answer_to(sent, environ.get("HTTP_ACCEPT_LANGUAGE", ""))
    except Exception:  # it comes up again on the way through Django, which tells it
        return None
