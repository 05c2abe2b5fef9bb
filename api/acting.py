"""On whose behalf a request is answered: nobody's, until an account is recognised."""

from collections.abc import Callable, Iterable
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase, StreamingHttpResponse

from services.acting import as_nobody, on_the_same_behalf, recognised_account

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def on_nobodys_behalf(request: HttpRequest, answer: GetResponse) -> HttpResponseBase:
    """The answer to a request; whomever it came to act for is forgotten with its end."""
    with as_nobody():
        response = answer(request)
        if isinstance(response, StreamingHttpResponse):
            pieces = cast("Iterable[bytes]", response.streaming_content)
            response.streaming_content = on_the_same_behalf(pieces)
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
