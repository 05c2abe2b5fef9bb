"""URLs with a query that came without TLS are refused instead of redirected to HTTPS.

A redirect would repeat the query in its Location, and a browser would ask it once more.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api.middleware import refuse_a_position, with_length
from api.problems import problem, problem_of
from api.refusals import BAD_REQUEST, RefusedError

DETAIL = "Ask over HTTPS: what stands in a URL can be read on its way here."


class NoQueryInTheClear:
    """Stands before whatever redirects to HTTPS."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Refuse, or hand on."""
        query = request.META.get("QUERY_STRING")
        if query and settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return with_length(_refusal(request, query))
        return self.get_response(request)


def _refusal(request: HttpRequest, query: str) -> HttpResponseBase:
    try:
        refuse_a_position(query)
    except RefusedError as refused:
        return problem_of(refused, request)
    return problem(BAD_REQUEST, detail=DETAIL)
