"""GET /healthz and /readyz, for whatever starts and watches the server."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers as s

from api.answers import JSON, as_json
from api.light import LightView
from services.health import UP, parts

HEADERS = {"Cache-Control": "no-store"}
STATES = ["up", "down"]


class Parts(s.Serializer[Any]):
    """The parts by name."""

    database = s.ChoiceField(choices=STATES)
    redis = s.ChoiceField(choices=STATES)
    workers = s.ChoiceField(choices=STATES)
    index = s.ChoiceField(choices=STATES)


class Readiness(s.Serializer[Any]):
    """Whether all parts are up, and each by name."""

    ready = s.BooleanField()
    parts = Parts()


class Liveness(s.Serializer[Any]):
    """The process answers."""

    alive = s.BooleanField()


class Alive(LightView):
    """Is the process up?"""

    @extend_schema(
        operation_id="healthz",
        summary="Is the process up?",
        tags=["health"],
        responses={(200, JSON): Liveness},
    )
    def get(self, request: HttpRequest) -> HttpResponse:
        """The process is up. Nothing else is asked."""
        return HttpResponse(b'{"alive":true}', content_type=JSON, headers=HEADERS)


class Ready(LightView):
    """Are all parts up?"""

    @extend_schema(
        operation_id="readyz",
        summary="Are all parts up?",
        tags=["health"],
        responses={
            (200, JSON): Readiness,
            (503, JSON): OpenApiResponse(Readiness, "A part is down"),
        },
    )
    def get(self, request: HttpRequest) -> HttpResponse:
        """Database, Redis, workers and search index, each by name; 503 if one is down.

        Searches need only the index: they go on while the others are down.
        """
        states = parts()
        ready = all(state == UP for state in states.values())
        told = as_json({"ready": ready, "parts": states})
        status = 200 if ready else 503
        return HttpResponse(told, status=status, content_type=JSON, headers=HEADERS)
