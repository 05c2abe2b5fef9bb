"""Nearby services as most projects write it: GeoDjango's dwithin, a sort, a DRF serializer."""

from typing import Any, ClassVar

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.contrib.gis.measure import D
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from services.models import Phone, Service, Site


class Asked(serializers.Serializer[Any]):
    """What the plain view understands."""

    lat = serializers.FloatField(min_value=-90, max_value=90)
    lon = serializers.FloatField(min_value=-180, max_value=180)
    kinds = serializers.ListField(child=serializers.CharField(), required=False)
    access = serializers.DictField(child=serializers.BooleanField(), required=False)
    limit = serializers.IntegerField(min_value=1, max_value=100, default=20)

    def matching(self) -> QuerySet[Service]:
        """Listed services on the map of the kinds and with the facts asked for."""
        told = self.validated_data
        found = Service.objects.listed().filter(site__location__isnull=False)
        if kinds := told.get("kinds"):
            found = found.filter(kind__in=kinds)
        if access := told.get("access"):
            found = found.filter(access__contains=access)
        return found


class PhoneSerializer(serializers.ModelSerializer[Phone]):
    """A number."""

    class Meta:
        model = Phone
        fields: ClassVar = ["number", "extension", "label"]


class SiteSerializer(serializers.ModelSerializer[Site]):
    """A site with its numbers."""

    organization = serializers.CharField(source="organization.name")
    phones = PhoneSerializer(many=True)

    class Meta:
        model = Site
        fields: ClassVar = [
            "id",
            "name",
            "organization",
            "address",
            "city",
            "region",
            "postal_code",
            "country",
            "website",
            "time_zone",
            "phones",
        ]


class ServiceSerializer(serializers.ModelSerializer[Service]):
    """A service with its site and distance."""

    site = SiteSerializer()
    distance = serializers.FloatField(source="distance.m")

    class Meta:
        model = Service
        fields: ClassVar = [
            "id",
            "kind",
            "site",
            "distance",
            "access",
            "languages",
            "state",
            "remaining",
            "as_of",
            "expires_at",
        ]


class PlainNearby(APIView):
    """The nearest within 50 km, by distance alone."""

    def post(self, request: Request) -> Response:
        """Answer like a textbook."""
        asked = Asked(data=request.data)
        asked.is_valid(raise_exception=True)
        told = asked.validated_data
        here = Point(told["lon"], told["lat"], srid=4326)
        found = asked.matching().filter(site__location__dwithin=(here, D(km=50)))
        found = found.annotate(distance=Distance("site__location", here)).order_by("distance")
        found = found.select_related("site__organization").prefetch_related("site__phones")
        return Response(ServiceSerializer(found[: told["limit"]], many=True).data)
