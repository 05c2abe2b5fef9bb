"""GET /api/docs/: the OpenAPI document for people. Every asset comes from this server."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request

# No inline script and nobody else's server; Swagger UI draws its icons from data: URLs.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "base-uri 'none'",
        "connect-src 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "script-src 'self'",
        "style-src 'self'",
    )
)


class Docs(SpectacularSwaggerSplitView):
    """Swagger UI, its script and page apart from each other."""

    template_name = "api/docs.html"
    template_name_js = "api/docs.js"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page, or with ``?script`` its script."""
        response: HttpResponse = super().get(  # type: ignore[no-untyped-call]
            request, *args, **kwargs
        )
        response["Content-Security-Policy"] = POLICY
        response["Cache-Control"] = "no-cache"
        return response
