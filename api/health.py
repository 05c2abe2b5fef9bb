"""GET /healthz and /readyz, for whatever starts and watches the server."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers as s

from api.answers import JSON, as_json
from api.light import LightView
from services.health import UP, parts
from services.index import live_index

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
    stale = s.BooleanField(help_text="Whether this process tells what may be behind the database")
    as_of = s.DateTimeField(
        allow_null=True, help_text="If stale, when it was last known to be current"
    )


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

        Searches need only the index: they go on while the others are down, and `stale` then tells
        that what they find may be behind.
        """
        states, as_of = parts(), live_index.stale_as_of(timezone.now())
        ready = all(state == UP for state in states.values())
        freshness = {"stale": as_of is not None, "as_of": as_of}
        told = as_json({"ready": ready, "parts": states} | freshness)
        status = 200 if ready else 503
        return HttpResponse(told, status=status, content_type=JSON, headers=HEADERS)
