"""Lists: keyset pages in order of id, strict about their parameters."""

import uuid
from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpResponse
from django_filters import CharFilter, FilterSet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from api.answers import GEOJSON, as_json, conditional
from api.parameters import refuse_blank, refuse_unknown, whole_number
from api.refusals import INVALID, FieldError, RefusedError

PAGE, LARGEST_PAGE = 50, 100

PAGE_PARAMETERS = [
    OpenApiParameter("cursor", str, description="From `next` or `previous`"),
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE}),
    OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER),
]


class CodeFilter(CharFilter):  # type: ignore[misc]
    """A code such as PA, whatever its case."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """See CharFilter."""
        found: QuerySet[Any] = super().filter(qs, value.upper())
        return found


class KeysetPages(CursorPagination):
    """A page starts after an id: nothing is skipped or shown twice while rows come and go."""

    ordering = "pk"
    cursor_query_param = "cursor"

    def get_page_size(self, request: Request) -> int:
        """The ``limit``."""
        return whole_number(request._request, "limit", least=1, most=LARGEST_PAGE, default=PAGE)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The cursor, if it is one of ours.

        What holds nothing would begin anew: whoever follows it would never come to the end.
        """
        try:
            cursor = super().decode_cursor(request)
            if cursor is not None and (cursor.position or not (cursor.offset or cursor.reverse)):
                uuid.UUID(str(cursor.position))
        except (NotFound, ValueError):
            error = FieldError("cursor", "invalid", "Use the next or previous of a page.")
            raise RefusedError(INVALID, errors=[error]) from None
        return cursor

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        """The rows of the page."""
        page: list[Any] = super().paginate_queryset(queryset, request, view) or []
        self.base_url = request.get_full_path()  # links stay on this server, whatever its name
        return page


class GeoJsonRenderer(JSONRenderer):
    """So that a client may ask for GeoJSON by its own name."""

    media_type = GEOJSON
    format = "geojson"


class ListView(GenericAPIView[Any]):
    """A page of listed things. A subclass says which rows, and how they are told."""

    filter_backends = (DjangoFilterBackend,)
    filterset_class: type[FilterSet]
    pagination_class = KeysetPages
    renderer_classes: tuple[type[BaseRenderer], ...] = (GeoJsonRenderer, JSONRenderer)
    also_known: tuple[str, ...] = ()  # parameters of a subclass

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse unknown parameters before anything else."""
        known = {"cursor", "limit", *self.also_known, *self.filterset_class.base_filters}
        refuse_unknown(request._request, known)
        refuse_blank(request._request, self.filterset_class.base_filters)
        super().initial(request, *args, **kwargs)

    def page(self, request: Request) -> list[Any]:
        """The ids or rows of the page asked for."""
        rows: list[Any] = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return rows

    def answer(self, request: Request, told: dict[str, Any], **options: Any) -> HttpResponse:
        """The page with its links."""
        pages = cast(KeysetPages, self.paginator)
        links = {"next": pages.get_next_link(), "previous": pages.get_previous_link()}
        return conditional(request._request, as_json(links | told), **options)
