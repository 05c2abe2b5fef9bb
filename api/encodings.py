"""Answers that may be gzipped: whether the client takes that."""

import re

import deflate
from django.http import HttpRequest, HttpResponse

QUALITY = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
LEVEL = 6  # made for each answer
WORTH_IT = 1_000  # bytes; below that gzip saves no packet


def takes_gzip(request: HttpRequest) -> bool:
    """Whether Accept-Encoding names gzip, or anything, and does not rule it out."""
    offered: dict[str, float] = {}
    for part in request.META.get("HTTP_ACCEPT_ENCODING", "").lower().split(","):
        name, _, rest = part.strip().partition(";")
        quality = QUALITY.fullmatch(rest.strip()) if rest else None
        offered[name.strip()] = float(quality[1]) if quality else 1.0 if not rest else 0.0
    return offered.get("gzip", offered.get("x-gzip", offered.get("*", 0.0))) > 0


def gzipped_if_taken(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer, gzipped if that helps and the client takes it."""
    response["Vary"] = ", ".join(filter(None, (response.get("Vary", ""), "Accept-Encoding")))
    if len(response.content) >= WORTH_IT and takes_gzip(request):
        response.content = bytes(deflate.gzip_compress(response.content, LEVEL))
        response["Content-Encoding"] = "gzip"
    return response
