"""Single services and lists of them, as the search tells them."""

import uuid
from typing import ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django_filters import FilterSet, MultipleChoiceFilter, UUIDFilter
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from api.answers import GEOJSON, as_json, conditional
from api.light import LightView
from api.parameters import refuse_unknown
from api.problems import NOT_FOUND, UNAVAILABLE
from api.v1.pages import PAGE_PARAMETERS, CodeFilter, ListView
from api.v1.shapes import ServiceFeature, ServicePage
from services.listing import listed_services
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
    refuses = (UNAVAILABLE,)

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


class ServiceDetail(LightView):
    """One service."""

    refuses = (NOT_FOUND, UNAVAILABLE)

    @extend_schema(
        operation_id="service",
        summary="One service",
        tags=["listings"],
        parameters=[OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER)],
        responses={(200, GEOJSON): ServiceFeature, 304: None},
    )
    def get(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """One service with its hours and availability of now. A retired one is not found."""
        refuse_unknown(request, ())
        service = next(listed_services([id]), None)
        if service is None:
            raise Http404
        return conditional(request, as_json(service.as_feature(timezone.now())))
