"""POST and DELETE /api/v1/services/{id}/claim/: nobody else calls this clinic meanwhile."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s

from api.accounts import AccountView, signed_in
from api.answers import JSON, as_json
from api.bodies import json_object
from api.fields import read_fields
from api.parameters import refuse_unknown
from api.refusals import (
    CLAIMED,
    FORBIDDEN,
    MALFORMED,
    NOT_FOUND,
    TOO_LARGE,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
)
from services.claims import claim_site, release_site
from services.models import User
from services.verifying import check_may_verify

NO_STORE = {"Cache-Control": "no-store"}


class ClaimTold(s.Serializer[Any]):
    """A claim: of the whole site, whichever of its services was named."""

    site = s.UUIDField()
    until = s.DateTimeField()


class ServiceClaim(AccountView):
    """A claim on the site of a service."""

    refuses = (
        MALFORMED,
        UNAUTHENTICATED,
        FORBIDDEN,
        NOT_FOUND,
        CLAIMED,
        TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
        UNAVAILABLE,
    )

    @extend_schema(
        operation_id="claim",
        summary="Claim a site for a call",
        tags=["verifying"],
        request=None,
        responses={(200, JSON): ClaimTold},
    )
    def post(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """For 20 minutes nobody else finds this site in their list of what to check.

        Again by the same worker: 20 minutes from now. Claimed by another: 409, and `Retry-After`
        says when it ends, not who it is. Reports and confirmations need no claim.
        """
        account = _worker(request)
        if request.content_type == "application/json" and request.META.get("CONTENT_LENGTH"):
            read_fields(
                json_object(request), {}
            )  # there are no fields; what else is sent is unread
        claim = claim_site(service_id=id, account=account)
        told = {"site": str(claim.site_id), "until": claim.until}
        return HttpResponse(as_json(told), content_type=JSON, headers=NO_STORE)

    @extend_schema(
        operation_id="release_claim",
        summary="Give up a claim",
        tags=["verifying"],
        request=None,
        responses={204: None},
    )
    def delete(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Give up your own claim. 204 as well if there was none; another's stays as it is."""
        release_site(service_id=id, account=_worker(request))
        response = HttpResponse(status=204, headers=NO_STORE)
        del response["Content-Type"]
        return response


def _worker(request: HttpRequest) -> User:
    refuse_unknown(request, ())
    account = signed_in(request)
    check_may_verify(account)
    return account
