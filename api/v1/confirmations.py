"""POST /api/v1/services/{id}/confirm/: everything listed is still true."""

import uuid

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema

from api.accounts import AccountView, signed_in
from api.answers import JSON, as_json
from api.bodies import json_object
from api.fields import read_fields
from api.parameters import refuse_unknown
from api.refusals import NOT_FOUND
from api.v1.report_shapes import Confirmed
from api.v1.reports import NOT_KEPT, READS
from services.confirming import confirm


class Confirm(AccountView):
    """Confirming a listing."""

    refuses = (*READS, NOT_FOUND)

    @extend_schema(
        operation_id="confirm",
        summary="Everything listed is still true",
        tags=["reports"],
        request=None,
        responses={200: Confirmed},
    )
    def post(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Say that hours, phones and access facts are still right, as whoever may report.

        It sets `confirmed_at` and nothing else; what is free is told by reports. There is no body,
        or an empty object. A service that this account has no say about is not found.
        """
        account = signed_in(request)
        refuse_unknown(request, ())
        if request.META.get("CONTENT_LENGTH") not in (None, "", "0"):
            read_fields(json_object(request), {})
        confirmed_at = confirm(service_id=id, account=account)
        body = as_json({"confirmed_at": confirmed_at})
        return HttpResponse(body, content_type=JSON, headers=NOT_KEPT)
