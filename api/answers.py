"""Answers as bytes, with an entity tag where that saves a phone from reading them again."""

import hashlib
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

GEOJSON = "application/geo+json"
JSON = "application/json"

REVALIDATE = "public, no-cache"  # keep it, but ask each time: availability changes in seconds


def as_json(data: Any) -> bytes:
    """JSON; times as RFC 3339 with offset, translated labels in the language of now."""
    return orjson.dumps(data, default=str)


def entity_tag(body: bytes) -> str:
    """The same bytes, the same tag."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def conditional(
    request: HttpRequest,
    body: bytes,
    *,
    content_type: str = GEOJSON,
    cache_control: str = REVALIDATE,
    etag: str = "",
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """The answer, or 304 if the client holds it already."""
    etag = etag or entity_tag(body)
    response = HttpResponse(
        body,
        content_type=content_type,
        headers={"Cache-Control": cache_control, "ETag": etag} | (headers or {}),
    )
    unchanged = get_conditional_response(request, etag=etag, response=response)
    return response if unchanged is None else unchanged
