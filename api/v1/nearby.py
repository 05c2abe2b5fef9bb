"""POST /api/v1/nearby/: what to try first, from where somebody is. Nothing of it is kept."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema

from api.answers import GEOJSON
from api.bodies import LARGEST, body_of, object_in
from api.fields import (
    Choice,
    Field,
    Flag,
    Language,
    Moment,
    Number,
    Text,
    object_schema,
    read_fields,
)
from api.language import language_for
from api.light import LightView
from api.refusals import (
    BAD_REQUEST,
    INVALID,
    MALFORMED,
    PLACE_AMBIGUOUS,
    PLACE_NOT_FOUND,
    POSITION_IN_URL,
    STARTING,
    TOO_LARGE,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    FieldError,
    RefusedError,
)
from api.v1.examples import SEARCHES
from api.v1.shapes import RankedCollection
from api.words import Access, Kinds
from services.search import Search, find_nearby

LANGUAGE = Language("Of the notice, such as es; else Accept-Language decides.")

FIELDS: dict[str, Field] = {
    "lat": Number("Latitude in degrees. With `lon`, or else `place`.", -90, 90),
    "lon": Number("Longitude in degrees.", -180, 180),
    "place": Text("A ZIP code, or a city such as Philadelphia, PA, instead of a position.", 100),
    "kinds": Kinds("Kinds of service; synonyms such as suboxone are understood. Empty for all."),
    "mode": Choice("How the person travels.", ("walk", "transit", "drive"), "transit"),
    "at": Moment("When they set out; now if left out."),
    "open_now": Flag(
        "Only services open at that time. Unknown hours are kept and marked, unless strict."
    ),
    "available_only": Flag(
        "Only services reported available or limited. The unknown is kept and marked."
    ),
    "max_km": Number("How far away at most, in kilometres.", 0, 20_040, above=True),
    "access": Access("Access facts wished for. A service whose fact is unknown stays, marked."),
    "strict": Flag("A service whose fact is unknown is left out."),
    "language": LANGUAGE,
    "limit": Number("How many results.", 1, 100, whole=True, default=20),
    "offset": Number("How many results to leave out first.", 0, 400, whole=True, default=0),
}
REQUEST: dict[str, Any] = object_schema(FIELDS) | {
    "anyOf": [{"required": ["lat", "lon"]}, {"required": ["place"]}]
}
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class Nearby(LightView):
    """Search for services, best first."""

    refuses = (
        MALFORMED,
        BAD_REQUEST,
        TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
        PLACE_NOT_FOUND,
        PLACE_AMBIGUOUS,
        STARTING,
        UNAVAILABLE,
    )

    @extend_schema(
        operation_id="nearby",
        summary="Search, best first",
        tags=["search"],
        request={"application/json": REQUEST},
        responses={(200, GEOJSON): RankedCollection},
        parameters=[OpenApiParameter("Accept-Language", str, OpenApiParameter.HEADER)],
        examples=SEARCHES,
    )
    def post(self, request: HttpRequest) -> HttpResponse:
        """Services in the order in which trying them costs the fewest minutes until served.

        The position travels in the body only, and is neither kept, logged nor sent on. There is no
        account and no cookie. An answer is never empty while any service is listed: if nothing
        meets the wishes, `notice` says what was given up. Unknown fields are refused, since a
        misspelt one would search for something else.
        """
        if request.META.get("QUERY_STRING"):
            raise RefusedError(POSITION_IN_URL)
        body = body_of(request, LARGEST)
        found = answer_to(body, request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
        return HttpResponse(found, content_type=GEOJSON, headers=HEADERS)


def answer_to(body: bytes, accept_language: str) -> bytes:
    """GeoJSON for the body of a search.

    Raises:
        RefusedError: it is no search.
        PlaceNotFoundError, PlaceAmbiguousError: its place is not in the gazetteer.
        IndexNotReadyError: this process has not loaded the services yet.
    """
    sent = read_fields(object_in(body), FIELDS)
    language = language_for(accept_language, sent.pop("language", None))
    return find_nearby(search_of(sent), now=timezone.now(), language=language).body


def search_of(sent: dict[str, Any]) -> Search:
    """The search that was asked for.

    Raises:
        RefusedError: it has no position, half of one, or two.
    """
    position = [name for name in ("lat", "lon") if name in sent]
    if "place" in sent and position:
        raise _invalid("place", "conflict", "Send either lat and lon, or place.")
    if "place" not in sent and len(position) < 2:  # noqa: PLR2004
        missing = "lon" if position == ["lat"] else "lat"
        raise _invalid(missing, "required", "Send lat and lon, or place.")
    return Search(**sent)


def _invalid(field: str, code: str, detail: str) -> RefusedError:
    return RefusedError(INVALID, errors=[FieldError(field, code, detail)])
