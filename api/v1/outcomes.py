"""POST /api/v1/services/{id}/outcomes/: what a visit came to, told without an account."""

import uuid

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema

from api.answers import JSON, as_json
from api.bodies import json_object
from api.callers import caller_of
from api.light import LightView
from api.parameters import refuse_unknown
from api.refusals import (
    CONFLICT,
    MALFORMED,
    NOT_FOUND,
    TOO_LARGE,
    TOO_MANY,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
)
from api.report_fields import OUTCOME, read_all
from api.v1.report_shapes import OutcomeShape
from api.v1.reports import NOT_KEPT, body_schema
from services.outcomes import tell_outcome
from services.vocabulary import Outcome


class Outcomes(LightView):
    """What visits came to."""

    refuses = (
        MALFORMED,
        NOT_FOUND,
        CONFLICT,
        TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
        TOO_MANY,
        UNAVAILABLE,
    )

    @extend_schema(
        operation_id="outcome",
        summary="Say what a visit came to",
        tags=["reports"],
        request={JSON: body_schema(OUTCOME, *OUTCOME)},
        responses={201: OutcomeShape, 200: OutcomeShape},
    )
    def post(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Served, turned away, found closed, or wrongly listed: nobody asks who you are.

        Nothing that could tell who sent it is kept. It moves the ranking a little and never what a
        service is said to have free. Each caller may tell one outcome of a service in the time in
        which a report of it loses half its weight (a day at most), and 20 a day in all; sending the
        same one again, with its id, is harmless and not counted.
        """
        refuse_unknown(request, ())
        values = read_all(json_object(request), OUTCOME, tuple(OUTCOME))
        outcome = Outcome(values["outcome"])
        is_new = tell_outcome(
            id=values["id"], service_id=id, outcome=outcome, caller=caller_of(request)
        )
        body = as_json({"id": str(values["id"]), "service": str(id), "outcome": outcome})
        status = 201 if is_new else 200
        return HttpResponse(body, status=status, content_type=JSON, headers=NOT_KEPT)
