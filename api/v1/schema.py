"""GET /api/v1/schema/: the OpenAPI document, made once for each process."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import OpenApiParameter, extend_schema

from api.answers import conditional
from api.light import LightView
from api.parameters import refuse_unknown
from api.refusals import INVALID, FieldError, RefusedError

RENDERERS: dict[str, type[OpenApiJsonRenderer | OpenApiYamlRenderer]] = {
    "json": OpenApiJsonRenderer,
    "yaml": OpenApiYamlRenderer,
}


@cache
def openapi_document() -> dict[str, Any]:
    """The document."""
    document: dict[str, Any] = SchemaGenerator().get_schema(  # type: ignore[no-untyped-call]
        request=None, public=True
    )
    return document


@cache
def rendered_document(format_: str) -> bytes:
    """The document as JSON or YAML."""
    rendered = RENDERERS[format_]().render(openapi_document(), renderer_context={})
    return rendered if isinstance(rendered, bytes) else rendered.encode()


class Schema(LightView):
    """This document."""

    @extend_schema(
        operation_id="schema",
        summary="This document",
        tags=["vocabulary"],
        parameters=[OpenApiParameter("format", str, enum=list(RENDERERS))],
        responses={
            (200, "application/vnd.oai.openapi+json", "application/vnd.oai.openapi"): {
                "type": "object"
            },
            304: None,
        },
    )
    def get(self, request: HttpRequest) -> HttpResponse:
        """This document: JSON, or YAML with `?format=yaml` or if Accept asks for it first."""
        refuse_unknown(request, {"format"})
        yaml_first = "yaml" in request.META.get("HTTP_ACCEPT", "").partition(",")[0]
        format_ = request.GET.get("format", "yaml" if yaml_first else "json")
        if format_ not in RENDERERS:
            error = FieldError("format", "invalid_choice", "json or yaml.")
            raise RefusedError(INVALID, errors=[error])
        return conditional(
            request,
            rendered_document(format_),
            content_type=f"{RENDERERS[format_].media_type}; charset=utf-8",
            cache_control="public, max-age=300",
            headers={"Vary": "Accept"},
        )
