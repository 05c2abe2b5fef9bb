"""GET /api/v1/packs/ and /packs/{region}/: whole regions, for phones that go offline."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import OpenApiParameter, extend_schema

from api.answers import JSON, REVALIDATE, as_json, conditional
from api.encodings import takes_gzip
from api.language import language_of
from api.light import LightView
from api.parameters import refuse_unknown
from api.ranges import part_of, range_asked
from api.refusals import NOT_FOUND, RANGE_NOT_SATISFIABLE, UNAVAILABLE
from api.v1.kinds import language_asked
from api.v1.pack_shapes import PackBody, PackShelf
from services.models import Pack
from services.packs.shelf import body_of_pack, pack_of, packs_in

LANGUAGE_ASKED = [
    OpenApiParameter("language", str, enum=[code for code, _name in settings.LANGUAGES]),
    OpenApiParameter("Accept-Language", str, OpenApiParameter.HEADER),
]
IF_NONE_MATCH = OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER)
VARY = "Accept-Encoding, Accept-Language"


class PackList(LightView):
    """The regions that can be taken offline."""

    refuses = (UNAVAILABLE,)

    @extend_schema(
        operation_id="packs",
        summary="The regions that can be taken offline",
        tags=["offline"],
        parameters=[*LANGUAGE_ASKED, IF_NONE_MATCH],
        responses={(200, JSON): PackShelf, 304: None},
    )
    def get(self, request: HttpRequest) -> HttpResponse:
        """Every region's pack with its size, its cursor, its SHA-256 and its signature.

        A region is a state or province; those with few services are united with neighbours.
        """
        refuse_unknown(request, {"language"})
        language = language_of(request, language_asked(request))
        headers = {"Content-Language": language, "Vary": "Accept-Language"}
        body = as_json(packs_in(language))
        return conditional(request, body, content_type=JSON, headers=headers)


class PackDetail(LightView):
    """A whole region."""

    refuses = (NOT_FOUND, RANGE_NOT_SATISFIABLE, UNAVAILABLE)

    @extend_schema(
        operation_id="pack",
        summary="A whole region, to search offline",
        tags=["offline"],
        parameters=[
            OpenApiParameter("region", str, OpenApiParameter.PATH, description="As in the list"),
            *LANGUAGE_ASKED,
            OpenApiParameter("Accept-Encoding", str, OpenApiParameter.HEADER),
            IF_NONE_MATCH,
            OpenApiParameter("Range", str, OpenApiParameter.HEADER),
            OpenApiParameter("If-Range", str, OpenApiParameter.HEADER),
        ],
        responses={(200, JSON): PackBody, (206, JSON): bytes, 304: None},
    )
    def get(self, request: HttpRequest, region: str) -> HttpResponse:
        """All that a phone needs to search in a region without us; docs/offline.md explains it.

        Gzipped where that is accepted. A download that broke off can go on with `Range` and
        `If-Range`. Afterwards `GET /api/v1/changes/` leads on from the pack's cursor.
        """
        refuse_unknown(request, {"language"})
        language = language_of(request, language_asked(request))
        gzipped = takes_gzip(request)
        while True:
            pack = pack_of(region, language)
            response = _unchanged(request, pack, gzipped=gzipped)
            if response is None:
                response = _answer(request, pack, gzipped=gzipped)
            if response is not None:  # else another was put in its place meanwhile
                return response


def _headers(pack: Pack, *, gzipped: bool) -> dict[str, str]:
    kind = "-gzip" if gzipped else ""
    encoding = {"Content-Encoding": "gzip"} if gzipped else {}
    return encoding | {
        "Accept-Ranges": "bytes",
        "Cache-Control": REVALIDATE,
        "Content-Language": pack.language,
        "ETag": f'"{pack.sha256[:32]}{kind}"',
        "Vary": VARY,
    }


def _unchanged(request: HttpRequest, pack: Pack, *, gzipped: bool) -> HttpResponse | None:
    """304 if the client holds it already."""
    headers = _headers(pack, gzipped=gzipped)
    response = HttpResponse(content_type=JSON, headers=headers)
    found = get_conditional_response(request, etag=headers["ETag"], response=response)
    return None if found is None or found is response else found


def _answer(request: HttpRequest, pack: Pack, *, gzipped: bool) -> HttpResponse | None:
    """The pack, or the part of it that is asked for; None if it is there no more."""
    headers = _headers(pack, gzipped=gzipped)
    length = pack.bytes_gzip if gzipped else pack.bytes
    asked = range_asked(request, etag=headers["ETag"], length=length)
    if request.method == "HEAD":
        headers["Content-Length"] = str(length)
        return HttpResponse(content_type=JSON, headers=headers)
    body = body_of_pack(pack, gzipped=gzipped)
    if body is None:
        return None
    response = HttpResponse(body, content_type=JSON, headers=headers)
    return response if asked is None else part_of(response, *asked)
