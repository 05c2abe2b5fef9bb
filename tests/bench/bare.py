"""The floor: a Django project that has nothing, and a view that returns a constant."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

CONSTANT = b"x" * int(os.environ.get("BENCH_CONSTANT_BYTES", "12000"))


def constant(request: HttpRequest) -> HttpResponse:
    """The same bytes, whatever is asked."""
    length = {"Content-Length": str(len(CONSTANT))}  # else the server would cut it into chunks
    return HttpResponse(CONSTANT, content_type="application/geo+json", headers=length)


urlpatterns = [path("constant/", constant)]

if not settings.configured:
    settings.configure(
        SECRET_KEY="-",
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["127.0.0.1"],
        MIDDLEWARE=[],
    )
    application = get_wsgi_application()
    application.is_ready = lambda: True  # type: ignore[attr-defined]  # the server asks …
    application.is_search = lambda _environ: True  # type: ignore[attr-defined]  # … what is work
