"""GET /api/v1/staleness/…: how old what we tell is, by organization and by state or province."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from api.answers import JSON, as_json, conditional
from api.light import LightView
from api.parameters import refuse_unknown
from api.refusals import (
    INVALID,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    UNAVAILABLE,
    FieldError,
    RefusedError,
)
from api.spreadsheets import CSV, CsvRenderer, csv_answer, wants_csv
from api.v1.organizations import OrganizationFilter
from api.v1.pages import PAGE_PARAMETERS, ListView
from api.v1.staleness_shapes import (
    OneOrganizationStaleness,
    OrganizationsStaleness,
    RegionsStaleness,
)
from services.models import Organization
from services.staleness import (
    asked_at,
    staleness_of_organizations,
    staleness_of_regions,
    staleness_of_services,
    with_listed_services,
)

FIVE_MINUTES = "public, max-age=300"
AT_A_TIME = 1_000  # organizations that are asked for in one go

COUNTED = (
    "services",
    "confirmed_share",
    "told_share",
    "never_reported",
    "median_age_hours",
    "p90_age_hours",
    "services_reporting",
    "days_missed",
    "most_days_missed",
    "services_non_compliant",
    "compliant",
)
OF_REGIONS = ("country", "region", *COUNTED)
OF_ORGANIZATIONS = ("id", "name", "region", "country", *COUNTED)
OF_SERVICES = ("id", "kind", "site", "state", "as_of", "confirmed_at", "days_missed", "compliant")

FORMAT = OpenApiParameter(
    "format", str, enum=["json", "csv"], description="Else `Accept` decides between the two"
)
UNCHANGED = OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER)
JSON_OPTIONS: dict[str, Any] = {
    "content_type": JSON,
    "cache_control": FIVE_MINUTES,
    "headers": {"Vary": "Accept"},
}


class RegionStalenessList(LightView):
    """States and provinces."""

    refuses = (UNAVAILABLE,)

    @extend_schema(
        operation_id="staleness_of_regions",
        summary="Staleness by state or province",
        tags=["staleness"],
        parameters=[FORMAT, UNCHANGED],
        responses={(200, JSON): RegionsStaleness, (200, CSV): OpenApiTypes.STR, 304: None},
    )
    def get(self, request: HttpRequest) -> HttpResponse:
        """How old what we tell is: of each state or province with a listed service.

        A service that is reported at all is due a report every day; two days missed in a row, or
        five of the last 30, are too many (the rule of Colorado's capacity tracking system). Days
        are complete ones on the site's clock; days closed are not missed.
        """
        refuse_unknown(request, {"format"})
        as_csv, at = wants_csv(request), asked_at(timezone.now())
        rows = [
            {"country": country, "region": region} | counted.document()
            for country, region, counted in staleness_of_regions(at=at)
        ]
        if as_csv:
            name = "staleness-regions"
            return csv_answer(request, name, OF_REGIONS, rows, cache_control=FIVE_MINUTES)
        return conditional(request, as_json({"at": at, "results": rows}), **JSON_OPTIONS)


class OrganizationStalenessList(ListView):
    """Organizations in order of id."""

    queryset = with_listed_services(Organization.objects.all())
    filterset_class = OrganizationFilter
    serializer_class = OrganizationsStaleness
    renderer_classes = (JSONRenderer, CsvRenderer)
    also_known = ("format",)
    refuses = (NOT_ACCEPTABLE, UNAVAILABLE)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse another format, before a renderer is looked for."""
        wants_csv(request._request)
        super().initial(request, *args, **kwargs)

    @extend_schema(
        operation_id="staleness_of_organizations",
        summary="Staleness by organization",
        tags=["staleness"],
        parameters=[*PAGE_PARAMETERS, FORMAT],
        filters=True,
        responses={(200, JSON): OrganizationsStaleness, (200, CSV): OpenApiTypes.STR, 304: None},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """How old what we tell is: of organizations with listed services, a page at a time.

        The region and country are the organization's own. As CSV all organizations come at once,
        without pages.
        """
        at = asked_at(timezone.now())
        if wants_csv(request._request):
            _refuse_pages(request)
            found = list(self.filter_queryset(self.get_queryset()).order_by("pk"))
            rows = _all_rows(found, at)
            name = "staleness-organizations"
            return csv_answer(
                request._request, name, OF_ORGANIZATIONS, rows, cache_control=FIVE_MINUTES
            )
        told = {"at": at, "results": _rows(self.page(request), at)}
        return self.answer(request, told, **JSON_OPTIONS)


class OrganizationStalenessDetail(LightView):
    """One organization."""

    refuses = (NOT_FOUND, UNAVAILABLE)

    @extend_schema(
        operation_id="staleness_of_organization",
        summary="Staleness of one organization, service by service",
        tags=["staleness"],
        parameters=[FORMAT, UNCHANGED],
        responses={(200, JSON): OneOrganizationStaleness, (200, CSV): OpenApiTypes.STR, 304: None},
    )
    def get(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """How old what we tell is: of an organization, and of each of its listed services.

        As CSV its services alone.
        """
        refuse_unknown(request, {"format"})
        as_csv, at = wants_csv(request), asked_at(timezone.now())
        found = with_listed_services(Organization.objects.filter(pk=id)).first()
        rows = _rows([found], at) if found else []
        if not rows:
            raise Http404
        services = [service.document() for service in staleness_of_services(id, at=at)]
        if as_csv:
            name = "staleness-services"
            return csv_answer(request, name, OF_SERVICES, services, cache_control=FIVE_MINUTES)
        told = {"at": at} | rows[0] | {"results": services}
        return conditional(request, as_json(told), **JSON_OPTIONS)


def _rows(organizations: list[Organization], at: dt.datetime) -> list[dict[str, Any]]:
    counted = staleness_of_organizations([row.pk for row in organizations], at=at)
    return [
        {"id": str(row.pk), "name": row.name, "region": row.region, "country": row.country}
        | counted[row.pk].document()
        for row in organizations
        if row.pk in counted  # not taken off the lists a moment ago
    ]


def _all_rows(organizations: list[Organization], at: dt.datetime) -> Iterator[dict[str, Any]]:
    for start in range(0, len(organizations), AT_A_TIME):
        yield from _rows(organizations[start : start + AT_A_TIME], at)


def _refuse_pages(request: Request) -> None:
    detail = "A CSV holds all organizations: leave this out, or filter by region."
    errors = [
        FieldError(name, "not_with_csv", detail)
        for name in ("cursor", "limit")
        if name in request.query_params
    ]
    if errors:
        raise RefusedError(INVALID, errors=errors)
