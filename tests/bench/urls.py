"""Both ways to answer, in one server."""

from django.urls import include, path

from tests.bench.plain import PlainNearby

urlpatterns = [
    path("plain/", PlainNearby.as_view()),
    path("", include("locator.urls")),
]
