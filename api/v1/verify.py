"""POST /api/v1/verify/: what an outreach worker should check first, from where they are."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s

from api.accounts import AccountView, signed_in
from api.answers import GEOJSON
from api.bodies import json_object
from api.fields import Field, Number, object_schema, read_fields
from api.language import language_of
from api.refusals import (
    BAD_REQUEST,
    FORBIDDEN,
    MALFORMED,
    PLACE_AMBIGUOUS,
    PLACE_NOT_FOUND,
    POSITION_IN_URL,
    STARTING,
    TOO_LARGE,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    RefusedError,
)
from api.v1.nearby import FIELDS as OF_A_SEARCH
from api.v1.nearby import HEADERS, search_of
from api.v1.shapes import Feature, ServiceProperties
from services.verifying import check_may_verify, find_to_check

WITHIN_KM = 30  # what a worker reaches in a morning

FIELDS: dict[str, Field] = {
    **{name: OF_A_SEARCH[name] for name in ("lat", "lon", "place", "kinds", "mode", "language")},
    "max_km": Number(
        "How far away at most, in kilometres.", 0, 20_040, above=True, default=WITHIN_KM
    ),
    "limit": OF_A_SEARCH["limit"],
}
REQUEST: dict[str, Any] = object_schema(FIELDS) | {
    "anyOf": [{"required": ["lat", "lon"]}, {"required": ["place"]}]
}


class ToCheckProperties(ServiceProperties):
    """A service with the parts of its place: `score` is staleness × weight × closeness."""

    rank = s.IntegerField(min_value=1)
    score = s.FloatField(help_text="Greater is to be checked sooner; the order of the answer")
    staleness = s.FloatField(help_text="1 − 2^(−age / half-life of the kind); 1 if nobody ever did")
    weight = s.FloatField(help_text="Harm of a wrong listing of this kind, up to 1")
    closeness = s.FloatField(help_text="1 / (1 + travel_minutes / 30)")
    distance_m = s.IntegerField(allow_null=True, help_text="null for a service without a point")
    travel_minutes = s.FloatField()
    checked_at = s.DateTimeField(
        allow_null=True,
        help_text="When somebody last said how it is; null if nobody did, or if it is disputed",
    )
    claimed_until = s.DateTimeField(allow_null=True, help_text="The end of your own claim")


class ToCheckFeature(Feature):
    """A service to check."""

    properties = ToCheckProperties()


class VerifyTold(s.Serializer[Any]):
    """What was asked. The position is not repeated."""

    at = s.DateTimeField()
    mode = s.ChoiceField(choices=["walk", "transit", "drive"])
    kinds = s.ListField(child=s.CharField())
    max_km = s.FloatField()
    within = s.IntegerField(help_text="How many services of these kinds are that near")


class ToCheckCollection(s.Serializer[Any]):
    """Services to check, first those most worth it."""

    type = s.ChoiceField(choices=["FeatureCollection"])
    search = VerifyTold()
    features = ToCheckFeature(many=True)


class Verify(AccountView):
    """What to check first."""

    refuses = (
        MALFORMED,
        BAD_REQUEST,
        UNAUTHENTICATED,
        FORBIDDEN,
        TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
        PLACE_NOT_FOUND,
        PLACE_AMBIGUOUS,
        STARTING,
        UNAVAILABLE,
    )

    @extend_schema(
        operation_id="verify",
        summary="Services to check, from where you are",
        tags=["verifying"],
        request={"application/json": REQUEST},
        responses={(200, GEOJSON): ToCheckCollection},
        parameters=[OpenApiParameter("Accept-Language", str, OpenApiParameter.HEADER)],
    )
    def post(self, request: HttpRequest) -> HttpResponse:
        """Services to call or visit, for outreach workers and moderators.

        Ordered by how stale the latest word is, times the harm a wrong listing of its kind does,
        times how close it is; each part is told. Sites that others have claimed are left out. The
        position travels in the body only, and is neither kept, logged nor sent on.
        """
        if request.META.get("QUERY_STRING"):
            raise RefusedError(POSITION_IN_URL)
        account = signed_in(request)
        check_may_verify(account)
        sent = read_fields(json_object(request), FIELDS)
        language = language_of(request, sent.pop("language", None))
        search = search_of({"max_km": float(WITHIN_KM)} | sent)
        with translation.override(language):
            found = find_to_check(search, account=account, now=timezone.now())
        return HttpResponse(found.body, content_type=GEOJSON, headers=HEADERS)
