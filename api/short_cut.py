"""The search's way in: past URL resolving, signals and every middleware but the one for HTTPS.

Each costs as much as a part of the search itself, and a search has no use for any of them: no
session, no database, no file. What answers is the same function that answers behind them.

Everything around an answer — whether it is ours to give, and its headers — depends on a few things
of the request alone: its frame. The first search in a frame goes through Django's request and
response; if that went well, those that follow in the same frame take its headers and need the
answer only. Whatever does not go well goes through Django, which knows how to say it.
"""

import contextlib
import functools
import io
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.security import SecurityMiddleware

from api.acting import GetResponse
from api.bodies import LARGEST, length_of
from api.headers import Guarded
from api.in_the_clear import NoQueryInTheClear
from api.middleware import answered, opened, with_length
from api.problems import problem, problem_of
from api.refusals import UNAVAILABLE, RefusedError
from api.requests import ReadableRequest
from api.rooms import Room
from api.v1.nearby import answer_to
from services.index import live_index

SEARCH = "/api/v1/nearby/"

IN_MEMORY = ("/api/v1/cells/", "/healthz")  # these wait for no database either

FRAMES_KEPT = 64  # then all are forgotten: each costs one search to learn

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Frame = tuple[str | None, ...]
Headers = list[tuple[str, str]]


class SearchShortCut:
    """A WSGI application that answers searches and hands all else on to Django's."""

    def __init__(self, application: Application) -> None:
        self.application = application
        # Redirects to HTTPS and says to stay there; has the headers of every answer.
        secured: Any = SecurityMiddleware(answered)
        self.answer: Any = Guarded(_told_of_hosts(NoQueryInTheClear(secured)))
        self._refusal: Any = Guarded(_no_room)
        self._frames: dict[Frame, Headers] = {}
        self._room = Room()

    def is_ready(self) -> bool:
        """Whether searches can be answered: the server asks before it lets an old process go."""
        return live_index.is_ready

    def is_search(self, environ: dict[str, Any]) -> bool:
        """Whether a request is a search, which waits for nothing but its turn."""
        return environ.get("PATH_INFO") == SEARCH and not environ.get("SCRIPT_NAME")

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one request."""
        if not self.is_search(environ):
            return self._other(environ.get("PATH_INFO", ""), environ, start_response)
        frame = frame_of(environ)
        headers = self._frames.get(frame)
        if headers is not None and (body := _body(environ)) is not None:
            if (found := _found(body, environ)) is not None:
                start_response("200 OK", [*headers, ("Content-Length", str(len(found)))])
                return [found]
            environ = environ | {"wsgi.input": io.BytesIO(body)}
        response = self._response(environ)
        if response.status_code == HTTPStatus.OK and frame:
            self._learn(frame, response)
        return _told(response, start_response)

    def _other(
        self, path: str, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if path.startswith(IN_MEMORY):
            return self.application(environ, start_response)
        with contextlib.ExitStack() as turn:
            if turn.enter_context(self._room.entered()):
                content = self.application(environ, start_response)
                if not getattr(content, "streaming", False):
                    return content
                return _Leaving(content, turn.pop_all())  # its pieces may ask the database
        return _told(self._refusal(ReadableRequest(environ)), start_response)

    def _learn(self, frame: Frame, response: Any) -> None:
        if len(self._frames) >= FRAMES_KEPT:
            self._frames.clear()
        self._frames[frame] = [(k, v) for k, v in response.items() if k != "Content-Length"]

    def _response(self, environ: dict[str, Any]) -> Any:
        return self.answer(ReadableRequest(environ))


class _Leaving:
    """An answer whose request leaves the room when the last piece has gone, or nobody reads on."""

    def __init__(self, content: Iterable[bytes], turn: contextlib.ExitStack) -> None:
        self._content, self._turn = content, turn

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._content)

    def close(self) -> None:
        """Leave: servers call it at the end, whatever that is."""
        with self._turn:
            if (close := getattr(self._content, "close", None)) is not None:
                close()


def _told_of_hosts(get_response: GetResponse) -> GetResponse:
    """Refuse who asks for us by a name that is not ours, instead of redirecting."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        try:
            return get_response(request)
        except DisallowedHost as exc:
            return with_length(problem_of(exc, request))

    return answer


def _no_room(request: HttpRequest) -> HttpResponseBase:
    return with_length(opened(request, problem(UNAVAILABLE)))


def _told(response: Any, start_response: Callable[..., Any]) -> list[bytes]:
    status = f"{response.status_code} {HTTPStatus(response.status_code).phrase}"
    start_response(status, list(response.items()))
    return [response.content]  # to HEAD as well, as Django does: the server leaves it out


def frame_of(environ: dict[str, Any]) -> Frame:
    """What of a request decides about all of its answer but the body; nothing if that is not plain.

    Plain is a search as every program sends it. What Django reads of it beside the body is by what
    name and over which scheme it came, maybe as a proxy tells it.
    """
    if (
        environ["REQUEST_METHOD"] != "POST"
        or environ.get("QUERY_STRING")
        or environ.get("CONTENT_TYPE") != "application/json"
        or "HTTP_TRANSFER_ENCODING" in environ
        or "HTTP_CONTENT_ENCODING" in environ
    ):
        return ()
    return tuple(map(environ.get, _names_of_frames()))


@functools.cache
def _names_of_frames() -> tuple[str, ...]:
    names = ["HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme"]
    if settings.USE_X_FORWARDED_HOST:
        names.append("HTTP_X_FORWARDED_HOST")
    if settings.USE_X_FORWARDED_PORT:
        names.append("HTTP_X_FORWARDED_PORT")
    if settings.SECURE_PROXY_SSL_HEADER:
        names.append(settings.SECURE_PROXY_SSL_HEADER[0])
    return tuple(names)


def _body(environ: dict[str, Any]) -> bytes | None:
    """The body, or None where that takes more than to read it: Django does, and says what is wrong.

    A length that is too large is refused there before anything is read.
    """
    try:
        body: bytes = environ["wsgi.input"].read(length_of(environ, LARGEST))
    except (RefusedError, OSError):  # OSError: whoever asked has gone
        return None
    return body


def _found(body: bytes, environ: dict[str, Any]) -> bytes | None:
    """The answer, or None where only a problem can be told."""
    try:
        return answer_to(body, environ.get("HTTP_ACCEPT_LANGUAGE", ""))
    except Exception:  # it comes up again on the way through Django, which tells it
        return None
