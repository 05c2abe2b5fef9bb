"""GET /api/v1/cells/{geohash}/: the same answer for a whole cell, for caches and coarse clients."""

import re

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from drf_spectacular.utils import OpenApiParameter, extend_schema

from api.answers import GEOJSON, conditional
from api.language import language_of
from api.light import LightView
from api.parameters import kinds_asked, refuse_unknown, whole_number
from api.refusals import INVALID, POSITION_IN_URL, STARTING, FieldError, RefusedError
from api.v1.shapes import RankedCollection
from services.search import find_in_cell

GEOHASH = re.compile(r"[0-9b-hjkmnp-z]+")
SHORTEST, LONGEST = 3, 5  # a cell of five letters is 4.9 km wide: it names no door
MINUTE = "public, max-age=60"


class CellDetail(LightView):
    """Services in a cell."""

    refuses = (STARTING,)

    @extend_schema(
        operation_id="cell",
        summary="Services in a cell",
        tags=["search"],
        parameters=[
            OpenApiParameter(
                "geohash", str, OpenApiParameter.PATH, pattern="^[0-9b-hjkmnp-z]{3,5}$"
            ),
            OpenApiParameter("kinds", str, description="Kinds or synonyms, separated by commas"),
            OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 100}),
            OpenApiParameter("offset", {"type": "integer", "minimum": 0, "maximum": 5000}),
            OpenApiParameter("Accept-Language", str, OpenApiParameter.HEADER),
            OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER),
        ],
        responses={(200, GEOJSON): RankedCollection, 304: None},
    )
    def get(self, request: HttpRequest, geohash: str) -> HttpResponse:
        """Services in a geohash cell of three to five letters, best first from its middle.

        Longer geohashes are refused: they would be a position in a URL. The answer can be cached
        for a minute, so a phone can ask for the cells around it and rank by itself. A cell with
        more than `limit` services says `more: true`: ask on with `offset`.
        """
        _check(geohash)
        refuse_unknown(request, {"kinds", "limit", "offset"})
        with translation.override(language_of(request)):
            found, etag = find_in_cell(
                geohash,
                kinds=kinds_asked(request),
                limit=whole_number(request, "limit", least=1, most=100, default=100),
                offset=whole_number(request, "offset", least=0, most=5000, default=0),
                now=timezone.now(),
            )
        return conditional(
            request,
            found.body,
            etag=etag,
            cache_control=MINUTE,
            headers={"Vary": "Accept-Language"},
        )


def _check(geohash: str) -> None:
    if not GEOHASH.fullmatch(geohash):
        detail = "Letters and digits of the geohash alphabet, in lower case."
        raise RefusedError(INVALID, errors=[FieldError("geohash", "invalid", detail)])
    if len(geohash) > LONGEST:
        raise RefusedError(POSITION_IN_URL)
    if len(geohash) < SHORTEST:
        error = FieldError("geohash", "min_length", f"{SHORTEST} to {LONGEST} letters.")
        raise RefusedError(INVALID, errors=[error])
