"""GET /problems/{name}: what a problem's ``type`` means."""

import sys

from django.http import Http404, HttpRequest, HttpResponse
from django.views.defaults import server_error
from drf_spectacular.utils import extend_schema

from api.light import LightView
from api.outages import database_is_away
from api.refusals import ALL, UNAVAILABLE, Refusal

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
    if exc is None or not database_is_away(exc):
        return server_error(request)
    page = _page(UNAVAILABLE)
    page.status_code = UNAVAILABLE.status
    page["Retry-After"] = str(UNAVAILABLE.retry_after_s)
    return page


def _page(refusal: Refusal) -> HttpResponse:
    text = f"{refusal.title} ({refusal.status})\n{refusal.detail}".strip() + "\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
