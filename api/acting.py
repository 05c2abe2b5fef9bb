"""On whose behalf a request is answered: nobody's, until an account is recognised."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase, StreamingHttpResponse

from services.acting import as_nobody, on_the_same_behalf, recognised_account

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class NobodyYet:
    """Every request begins on nobody's behalf, and what it acted for ends with it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        with as_nobody():
            response = self.get_response(request)
            if isinstance(response, StreamingHttpResponse) and not response.is_async:
                response.streaming_content = on_the_same_behalf(response.streaming_content)  # type: ignore[arg-type]
            return response


class AccountOfSession:
    """Recognises the account of a session: the admin's pages act for it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            recognised_account(request.user.pk)
        return self.get_response(request)
