"""The headers that every answer has, whoever gives it: a view, a middleware, a file, a refusal.

They are added last and only where nobody said anything else, so a page that needs more names it
itself, and what is forgotten is forbidden.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",  # those who may read the API ask with CORS
    "Permissions-Policy": ", ".join(f"{name}=()" for name in sorted(settings.PERMISSIONS_POLICY)),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
EVERYWHERE = PAGE_HEADERS | {"Cache-Control": "no-store"}  # what may be kept says so itself


class Guarded:
    """Adds what an answer lacks. First in the list of middlewares, so last to see the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with all of them."""
        response = self.get_response(request)
        for name, value in EVERYWHERE.items():
            if name not in response.headers:
                response.headers[name] = value
        return response
