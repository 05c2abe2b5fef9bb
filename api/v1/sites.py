"""Single sites and lists of them. Of hidden sites no more is told than in a search."""

import uuid
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django_filters import FilterSet, UUIDFilter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from api.accounts import AccountView
from api.answers import GEOJSON, JSON
from api.edit_fields import SITE
from api.fields import object_schema
from api.refusals import NOT_ACCEPTABLE, UNAVAILABLE
from api.v1.edit_shapes import EditedSite, SiteWithEditable
from api.v1.edits import IF_MATCH, IF_NONE_MATCH, OPTIONAL_TOKEN, REFUSES, Editable
from api.v1.pages import PAGE_PARAMETERS, CodeFilter, ListView
from api.v1.shapes import SitePage
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
    refuses = (NOT_ACCEPTABLE, UNAVAILABLE)

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


def site_with_services(pk: uuid.UUID, retired_too: bool) -> dict[str, Any] | None:  # noqa: FBT001
    """A site with what it offers, if it is listed or asked for nevertheless."""
    site = (Site.objects.as_shown() if retired_too else LISTED).filter(pk=pk).first()
    if site is None:
        return None
    now = timezone.now()
    ids = list(Service.objects.listed().filter(site=site).values_list("pk", flat=True))
    services = [service.as_feature(now) for service in listed_services(ids)]
    return site_feature(site, public_phones([site.pk])[site.pk], services=services)


SITES = Editable(Site, SITE, site_with_services)


class SiteDetail(AccountView):
    """One site."""

    refuses = REFUSES

    @extend_schema(
        operation_id="site",
        summary="One site and its services",
        tags=["listings"],
        parameters=[IF_NONE_MATCH],
        auth=OPTIONAL_TOKEN,
        responses={(200, GEOJSON): SiteWithEditable, 304: None},
    )
    def get(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """One site with its services. A retired one is not found.

        No token is needed. With that of somebody who may edit it, `editable` holds what a PATCH
        takes, its true place included, and a retired one is found.
        """
        return SITES.read(request, id)

    @extend_schema(
        operation_id="edit_site",
        summary="Edit a site",
        tags=["editing"],
        parameters=[IF_MATCH],
        request={JSON: object_schema(SITE)},
        responses={(200, GEOJSON): SiteWithEditable, (202, GEOJSON): EditedSite},
    )
    def patch(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Change what is sent; the rest stays. As staff of its organization, or a moderator.

        202 if something of it waits for a second person: a point moved by more than 500 m, numbers
        changed, more of its place shown, retiring it, or an edit of more than a fifth of the
        organization's sites within an hour. `held` says what; the old value is told until then.
        What is not dangerous is changed at once.
        """
        return SITES.edit(request, id)
