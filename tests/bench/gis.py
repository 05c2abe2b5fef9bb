"""Nearby services by djangorestframework-gis over a good query: the index gives them in order."""

from typing import Any, ClassVar

from django.contrib.gis.db.models.functions import Distance, GeometryDistance
from django.contrib.gis.geos import Point
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import FloatField
from rest_framework.views import APIView
from rest_framework_gis.fields import GeometryField
from rest_framework_gis.serializers import GeoFeatureModelSerializer

from services.models import Service
from tests.bench.plain import Asked, ServiceSerializer, SiteSerializer


class ServiceFeature(GeoFeatureModelSerializer):  # type: ignore[misc]
    """A service as a GeoJSON feature."""

    site = SiteSerializer()
    location = GeometryField(source="site.location")
    distance = FloatField(source="distance.m")

    class Meta:
        model = Service
        geo_field = "location"
        fields: ClassVar = [*ServiceSerializer.Meta.fields]  # a list of its own: it is added to


class GisNearby(APIView):
    """The nearest by the spatial index, with everything shown read in two queries."""

    def post(self, request: Request) -> Response:
        """Answer well."""
        asked = Asked(data=request.data)
        asked.is_valid(raise_exception=True)
        told: dict[str, Any] = asked.validated_data
        here = Point(told["lon"], told["lat"], srid=4326)
        found = asked.matching().annotate(distance=Distance("site__location", here))
        found = found.select_related("site__organization").prefetch_related("site__phones")
        found = found.order_by(GeometryDistance("site__location", here))[: told["limit"]]
        return Response(ServiceFeature(found, many=True).data)
