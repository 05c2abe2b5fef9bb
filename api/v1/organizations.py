"""Single organizations and lists of them: those that run a listed site."""

import uuid
from typing import Any, ClassVar

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django_filters import FilterSet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from api.answers import JSON, as_json, conditional
from api.light import LightView
from api.parameters import refuse_unknown
from api.refusals import NOT_ACCEPTABLE, NOT_FOUND, UNAVAILABLE
from api.v1.pages import PAGE_PARAMETERS, CodeFilter, ListView
from api.v1.shapes import OrganizationPage, OrganizationWithSites
from api.v1.sites import LISTED as LISTED_SITES
from api.v1.sites import site_feature
from services.listing import public_phones
from services.models import Organization, Site

LISTED = Organization.objects.filter(
    Exists(Site.objects.listed().filter(organization=OuterRef("pk")))
)


def plain_organization(organization: Organization) -> dict[str, Any]:
    """An organization as anyone may see it."""
    return {
        "id": str(organization.pk),
        "name": organization.name,
        "region": organization.region,
        "country": organization.country,
        "website": organization.website or None,
    }


class OrganizationFilter(FilterSet):  # type: ignore[misc]
    """Which organizations."""

    region = CodeFilter(max_length=8)
    country = CodeFilter(max_length=2)

    class Meta:
        model = Organization
        fields: ClassVar[list[str]] = []


class OrganizationList(ListView):
    """Organizations in order of id."""

    queryset = LISTED
    filterset_class = OrganizationFilter
    serializer_class = OrganizationPage
    refuses = (NOT_ACCEPTABLE, UNAVAILABLE)

    @extend_schema(
        operation_id="organizations",
        summary="List organizations",
        tags=["listings"],
        parameters=PAGE_PARAMETERS,
        filters=True,
        responses={(200, JSON): OrganizationPage, 304: None},
    )
    def get(self, request: Request) -> HttpResponse:
        """Organizations with listed sites, a page at a time; `next` leads on until it is null."""
        results = [plain_organization(row) for row in self.page(request)]
        return self.answer(request, {"results": results}, content_type=JSON)


class OrganizationDetail(LightView):
    """One organization."""

    refuses = (NOT_FOUND, UNAVAILABLE)

    @extend_schema(
        operation_id="organization",
        summary="One organization and its sites",
        tags=["listings"],
        parameters=[OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER)],
        responses={(200, JSON): OrganizationWithSites, 304: None},
    )
    def get(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """One organization with its listed sites."""
        refuse_unknown(request, ())
        organization = LISTED.filter(pk=id).first()
        if organization is None:
            raise Http404
        sites = LISTED_SITES.filter(organization=organization).order_by("pk")
        phones = public_phones([site.pk for site in sites])
        features = [site_feature(site, phones[site.pk]) for site in sites]
        told = plain_organization(organization) | {"sites": features}
        return conditional(request, as_json(told), content_type=JSON)
