"""GET /problems/{name}: what a problem's ``type`` means."""

import dataclasses
import sys

from django.http import Http404, HttpRequest, HttpResponse
from django.views.defaults import server_error
from drf_spectacular.utils import extend_schema

from api.crashes import log_crash
from api.light import LightView
from api.outages import database_is_away
from api.refusals import ALL, BAD_REQUEST, FORBIDDEN, UNAVAILABLE, Refusal
from api.unusable import is_unusable

UNUSABLE = dataclasses.replace(
    BAD_REQUEST, detail="A key, a filter or a character in it is none. Go back, and choose anew."
)
FORGED = dataclasses.replace(
    FORBIDDEN,
    title="The form cannot be taken",
    detail="It is too old, or cookies are off. Load its page anew, and send it once more.",
)
BY_NAME = {refusal.name: refusal for refusal in ALL}


class ProblemPage(LightView):
    """One kind of problem."""

    @extend_schema(exclude=True)
    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """Its meaning, as plain text."""
        refusal = BY_NAME.get(name)
        if refusal is None:
            raise Http404
        return _page(refusal)


def crash_page(request: HttpRequest) -> HttpResponse:
    """What somebody in the admin is told when something broke, or when the database is away."""
    exc = sys.exc_info()[1]
    if isinstance(exc, Exception):
        if database_is_away(exc):
            return _refused(UNAVAILABLE)
        if is_unusable(exc):
            return _refused(UNUSABLE)
        log_crash(exc, request)
    return server_error(request)


def forged_page(_request: HttpRequest, reason: str = "") -> HttpResponse:
    """What whoever sends a form without its cookie or token is told."""
    return _refused(FORGED)


def _refused(refusal: Refusal) -> HttpResponse:
    page = _page(refusal)
    page.status_code = refusal.status
    if refusal.retry_after_s is not None:
        page["Retry-After"] = str(refusal.retry_after_s)
    return page


def _page(refusal: Refusal) -> HttpResponse:
    text = f"{refusal.title} ({refusal.status})\n{refusal.detail}".strip() + "\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
