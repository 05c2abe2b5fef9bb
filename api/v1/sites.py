"""Single sites and lists of them. Of hidden sites no more is told than in a search."""

import uuid
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django_filters import FilterSet, UUIDFilter
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from api.answers import GEOJSON, as_json, conditional
from api.light import LightView
from api.parameters import refuse_unknown
from api.problems import NOT_FOUND, UNAVAILABLE
from api.v1.pages import PAGE_PARAMETERS, CodeFilter, ListView
from api.v1.shapes import SitePage, SiteWithServices
from services.listing import geometry_of, listed_services, point_of, public_phones, public_site
from services.models import Service, Site

LISTED = Site.objects.listed().as_shown()


def site_feature(site: Site, phones: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A site as a GeoJSON feature."""
    owner = {"organization": site.organization.name, "organization_id": str(site.organization_id)}
    return {
        "type": "Feature",
        "id": str(site.pk),
        "geometry": geometry_of(point_of(site)),
        "properties": public_site(site, phones) | owner | more,
    }


class SiteFilter(FilterSet):  # type: ignore[misc]
    """Which sites."""

    region = CodeFilter(max_length=8)
    country = CodeFilter(max_length=2)
    organization = UUIDFilter(field_name="organization_id")

    class Meta:
        model = Site
        fields: ClassVar[list[str]] = []


class SiteList(ListView):
    """Sites in order of id."""

    queryset = LISTED
    filterset_class = SiteFilter
    serializer_class = SitePage
    refuses = (UNAVAILABLE,)

    @extend_schema(
        operation_id="sites",
        summary="List sites",
        tags=["listings"],
        parameters=PAGE_PARAMETERS,
        filters=True,
        responses={(200, GEOJSON): SitePage, 304: None},
    )
    def get(self, request: Request) -> HttpResponse:
        """Listed sites, a page at a time; `next` leads on until it is null."""
        sites = self.page(request)
        phones = public_phones([site.pk for site in sites])
        features = [site_feature(site, phones[site.pk]) for site in sites]
        return self.answer(request, {"type": "FeatureCollection", "features": features})


class SiteDetail(LightView):
    """One site."""

    refuses = (NOT_FOUND, UNAVAILABLE)

    @extend_schema(
        operation_id="site",
        summary="One site and its services",
        tags=["listings"],
        parameters=[OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER)],
        responses={(200, GEOJSON): SiteWithServices, 304: None},
    )
    def get(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """One site with its services. A retired one is not found."""
        refuse_unknown(request, ())
        site = LISTED.filter(pk=id).first()
        if site is None:
            raise Http404
        now = timezone.now()
        ids = list(Service.objects.listed().filter(site=site).values_list("pk", flat=True))
        services = [service.as_feature(now) for service in listed_services(ids)]
        return conditional(
            request,
            as_json(site_feature(site, public_phones([site.pk])[site.pk], services=services)),
        )
