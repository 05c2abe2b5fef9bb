"""Single services and lists of them, as the search tells them."""

import uuid
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django_filters import FilterSet, MultipleChoiceFilter, UUIDFilter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from api.accounts import AccountView
from api.answers import GEOJSON, JSON
from api.edit_fields import SERVICE
from api.fields import object_schema
from api.refusals import NOT_ACCEPTABLE, UNAVAILABLE
from api.v1.edit_shapes import EditedService, ServiceWithEditable
from api.v1.edits import IF_MATCH, IF_NONE_MATCH, OPTIONAL_TOKEN, REFUSES, Editable
from api.v1.pages import PAGE_PARAMETERS, CodeFilter, ListView
from api.v1.shapes import ServicePage
from services.listing import kept_service, listed_services
from services.models import Service
from services.vocabulary import Kind


class ServiceFilter(FilterSet):  # type: ignore[misc]
    """Which services."""

    kind = MultipleChoiceFilter(choices=Kind.choices)
    region = CodeFilter(field_name="site__region", max_length=8)
    country = CodeFilter(field_name="site__country", max_length=2)
    organization = UUIDFilter(field_name="site__organization_id")
    site = UUIDFilter(field_name="site_id")

    class Meta:
        model = Service
        fields: ClassVar[list[str]] = []


class ServiceList(ListView):
    """Services in order of id."""

    queryset = Service.objects.listed().only("pk")
    filterset_class = ServiceFilter
    serializer_class = ServicePage
    refuses = (NOT_ACCEPTABLE, UNAVAILABLE)

    @extend_schema(
        operation_id="services",
        summary="List services",
        tags=["listings"],
        parameters=PAGE_PARAMETERS,
        filters=True,
        responses={(200, GEOJSON): ServicePage, 304: None},
    )
    def get(self, request: Request) -> HttpResponse:
        """Listed services, a page at a time; `next` leads on until it is null."""
        ids = [service.pk for service in self.page(request)]
        now = timezone.now()
        features = [service.as_feature(now) for service in listed_services(ids)]
        return self.answer(request, {"type": "FeatureCollection", "features": features})


def service_feature(pk: uuid.UUID, retired_too: bool) -> dict[str, Any] | None:  # noqa: FBT001
    """A service as anyone may see it, if it is listed or asked for nevertheless."""
    service = kept_service(pk) if retired_too else next(listed_services([pk]), None)
    return service.as_feature(timezone.now()) if service else None


SERVICES = Editable(Service, SERVICE, service_feature)


class ServiceDetail(AccountView):
    """One service."""

    refuses = REFUSES

    @extend_schema(
        operation_id="service",
        summary="One service",
        tags=["listings"],
        parameters=[IF_NONE_MATCH],
        auth=OPTIONAL_TOKEN,
        responses={(200, GEOJSON): ServiceWithEditable, 304: None},
    )
    def get(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """One service with its hours and availability of now. A retired one is not found.

        No token is needed. With that of somebody who may edit it, `editable` holds what a PATCH
        takes, and a retired one is found.
        """
        return SERVICES.read(request, id)

    @extend_schema(
        operation_id="edit_service",
        summary="Edit a service",
        tags=["editing"],
        parameters=[IF_MATCH],
        request={JSON: object_schema(SERVICE)},
        responses={(200, GEOJSON): ServiceWithEditable, (202, GEOJSON): EditedService},
    )
    def patch(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Change what is sent; the rest stays. As staff of its organization, or a moderator.

        202 if something of it waits for a second person: retiring it, or an edit of more than a
        fifth of the organization's services within an hour. `held` says what; the old value is
        told until then. What is not dangerous is changed at once.
        """
        return SERVICES.edit(request, id)
