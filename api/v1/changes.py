"""GET /api/v1/changes/: what changed in a region since a pack, or since the last page."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema

from api.answers import JSON
from api.encodings import gzipped_if_taken
from api.light import LightView
from api.parameters import refuse_unknown, whole_number
from api.refusals import CURSOR_EXPIRED, INVALID, UNAVAILABLE, FieldError, RefusedError
from api.v1.pack_shapes import ChangesBody
from services.changes.cursor import CursorError, cursor_from
from services.changes.paging import MOST_ROWS
from services.changes.waiting import LONGEST_S, changes_after
from services.packs.body import page_of
from services.packs.shelf import areas_of

USUAL_ROWS = 500
UNKNOWN_CURSOR = (
    "None of ours, or one of another region. Take the region's pack, and go on from its cursor."
)
PARAMETERS = {"cursor", "region", "limit", "wait"}
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class ChangeList(LightView):
    """What changed."""

    refuses = (CURSOR_EXPIRED, UNAVAILABLE)

    @extend_schema(
        operation_id="changes",
        summary="What changed in a region",
        tags=["offline"],
        parameters=[
            OpenApiParameter("cursor", str, required=True, description="Of a pack, or a page"),
            OpenApiParameter("region", str, required=True, description="Of that pack"),
            OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}),
            OpenApiParameter(
                "wait",
                {"type": "integer", "minimum": 0, "maximum": LONGEST_S},
                description="Seconds to wait for changes if there are none; may answer at once",
            ),
            OpenApiParameter("Accept-Encoding", str, OpenApiParameter.HEADER),
        ],
        responses={(200, JSON): ChangesBody},
    )
    def get(self, request: HttpRequest) -> HttpResponse:
        """Everything put in, changed, moved, hidden or deleted since a cursor, a page at a time.

        Put in what `services` holds, each in the place of what was there, and take out what `gone`
        names; keep the new `cursor`; ask again at once while `more` is true. To apply a page twice
        does no harm. The form is that of a pack.
        """
        refuse_unknown(request, PARAMETERS)
        region, text = _needed(request, "region"), _needed(request, "cursor")
        limit = whole_number(request, "limit", least=1, most=MOST_ROWS, default=USUAL_ROWS)
        wait_s = whole_number(request, "wait", least=0, most=LONGEST_S, default=0)
        try:
            cursor = cursor_from(text, region, timezone.now())
        except CursorError:
            raise _refused("cursor", UNKNOWN_CURSOR) from None
        areas = areas_of(region)
        page = changes_after(cursor, areas, limit=limit, wait_s=wait_s)
        body = page_of(
            page.services,
            page.gone,
            region=region,
            areas=areas,
            cursor=page.cursor.as_text(),
            day=timezone.now().date(),
            more=page.more,
        )
        return gzipped_if_taken(request, HttpResponse(body, content_type=JSON, headers=HEADERS))


def _needed(request: HttpRequest, name: str) -> str:
    text = request.GET.get(name, "")
    if not text or len(text) > 500:  # noqa: PLR2004 - longer than any of ours
        raise _refused(name, "This is needed: see /api/v1/packs/.")
    return text


def _refused(field: str, detail: str) -> RefusedError:
    return RefusedError(INVALID, errors=[FieldError(field, "invalid", detail)])
