"""What the sign-in says when it lets nobody in: after too many tries, or if none are counted."""

import functools
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from redis.exceptions import RedisError

from services.admin.door import View, named

COME_BACK_S = 5


def closed_without_limits(view: View) -> View:
    """The same view; while tries cannot be counted, a page that says to come back."""

    @functools.wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except RedisError:
            return _plain(request, "Nobody can sign in right now", status=503, wait_s=COME_BACK_S)

    return answered


def locked_out(request: HttpRequest, *_: Any) -> HttpResponse:
    """What django-axes' middleware answers after too many tries for a name."""
    wait_s = int(settings.AXES_COOLOFF_TIME.total_seconds())
    return _plain(request, "Too many tries for this name", status=429, wait_s=wait_s)


def _plain(request: HttpRequest, title: str, *, status: int, wait_s: int) -> HttpResponse:
    context = {"title": title, "locked": status == 429, "minutes": wait_s // 60}  # noqa: PLR2004
    context |= named(admin.site)
    response = render(request, "services/sign_in_refused.html", context, status=status)
    response["Retry-After"] = str(wait_s)
    response["Cache-Control"] = "no-store"
    return response
