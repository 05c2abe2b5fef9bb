"""What nobody caught ends here, and not in the server, whose log would tell the exception's text.

That text may hold whatever was sent.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson

from api.crashes import log_crash_of
from api.headers import EVERYWHERE
from api.middleware import OPEN_TO_ANY_PAGE
from api.problems import CONTENT_TYPE, problem_body
from api.refusals import CRASHED

HEADERS = [*EVERYWHERE.items(), *OPEN_TO_ANY_PAGE.items(), ("Content-Type", CONTENT_TYPE)]


class BrokenOffError(Exception):
    """An answer cannot be finished. The server hangs up, so that nobody takes a part for all."""


class LastWall:
    """A WSGI application around another, through which no exception passes with its text."""

    def __init__(self, application: Any) -> None:
        self.application = application

    def is_ready(self) -> bool:
        """Whether what stands behind can answer searches."""
        ready: bool = self.application.is_ready()
        return ready

    def is_search(self, environ: dict[str, Any]) -> bool:
        """Whether a request is a search."""
        is_one: bool = self.application.is_search(environ)
        return is_one

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer, or say that something broke."""
        try:
            content = self.application(environ, start_response)
        except Exception as exc:  # whatever it is
            log_crash_of(exc, method=environ.get("REQUEST_METHOD"))
            body = orjson.dumps(problem_body(CRASHED))
            headers = [*HEADERS, ("Content-Length", str(len(body)))]
            start_response(f"{CRASHED.status} Internal Server Error", headers)
            return [body]
        return content if isinstance(content, list) else _Walled(content, environ)


class _Walled:
    """The pieces of an answer, as they come."""

    def __init__(self, content: Iterable[bytes], environ: dict[str, Any]) -> None:
        self._content, self._method = content, environ.get("REQUEST_METHOD")

    def __iter__(self) -> Iterator[bytes]:
        broken: Exception | None = None
        try:
            yield from self._content
        except Exception as exc:
            broken = exc
        if broken is not None:  # beyond the handler: here the new exception does not refer to it
            log_crash_of(broken, method=self._method)
            raise BrokenOffError

    def close(self) -> None:
        """Free what the answer holds."""
        if (close := getattr(self._content, "close", None)) is not None:
            close()
