"""Views described to DRF and answered without it: its dispatch would cost as much as the work."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.views import APIView

from api.refusals import METHOD_NOT_ALLOWED, RefusedError

METHODS = ("get", "post", "put", "patch", "delete")


class LightView(APIView):
    """Stands in the OpenAPI document like any other view, and takes Django's bare request."""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponse]:  # type: ignore[override]
        """A function that calls the method's handler, and nothing around it."""
        view = cls(**initkwargs)
        handlers = {name.upper(): getattr(view, name) for name in METHODS if hasattr(view, name)}
        if "GET" in handlers:
            handlers["HEAD"] = handlers["GET"]
        allowed = {"Allow": ", ".join([*handlers, "OPTIONS"])}

        def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            handler = handlers.get(request.method or "")
            if handler is None:
                raise RefusedError(METHOD_NOT_ALLOWED, headers=allowed)
            response: HttpResponse = handler(request, **kwargs)
            return response

        answer.cls = cls  # type: ignore[attr-defined]  # where drf-spectacular looks
        answer.initkwargs = initkwargs  # type: ignore[attr-defined]
        answer.csrf_exempt = True  # type: ignore[attr-defined]  # there are no cookies
        return answer
