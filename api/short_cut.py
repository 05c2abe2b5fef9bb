"""The search's way in: past URL resolving, signals and every middleware but the one for HTTPS.

Each costs as much as a part of the search itself, and a search has no use for any of them: no
session, no database, no file. What answers is the same function that answers behind them.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIRequest
from django.middleware.security import SecurityMiddleware

from api.middleware import answered
from api.problems import problem_of

SEARCH = "/api/v1/nearby/"

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class SearchShortCut:
    """A WSGI application that answers searches and hands all else on to Django's."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.answer: Any = SecurityMiddleware(
            answered
        )  # redirects to HTTPS, and says to stay there

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one request."""
        if environ.get("PATH_INFO") != SEARCH or environ.get("SCRIPT_NAME"):
            return self.application(environ, start_response)
        try:
            request = WSGIRequest(environ)
        except ValueError:  # a Content-Type that cannot be read
            request = WSGIRequest({**environ, "CONTENT_TYPE": ""})
        response = self._answered(request)
        status = f"{response.status_code} {HTTPStatus(response.status_code).phrase}"
        start_response(status, list(response.items()))
        return [response.content]  # to HEAD as well, as Django does: the server leaves it out

    def _answered(self, request: WSGIRequest) -> Any:
        try:
            return self.answer(request)
        except DisallowedHost as exc:  # asked for by a name that is not ours, so not redirected
            return problem_of(exc, request)
