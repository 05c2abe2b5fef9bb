"""The project's paths, and beside them the views it is compared with."""

from django.urls import include, path

from tests.bench.gis import GisNearby
from tests.bench.plain import PlainNearby

urlpatterns = [
    path("plain/", PlainNearby.as_view()),
    path("drf-gis/", GisNearby.as_view()),
    path("", include("locator.urls")),
]
