"""Devices and their tokens: POST, GET /api/v1/tokens/ and DELETE /api/v1/tokens/{id}/."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s

from api.account_fields import Line, Secret
from api.accounts import NO_STORE, AccountView, no_content, signed_in, signed_in_device
from api.answers import JSON, as_json
from api.bodies import json_object
from api.fields import Field, Text
from api.parameters import refuse_unknown
from api.refusals import (
    MALFORMED,
    NOT_FOUND,
    OTP_REFUSED,
    OTP_REQUIRED,
    SIGN_IN_REFUSED,
    TOO_LARGE,
    TOO_MANY,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
)
from api.report_fields import read_all
from api.v1.reports import body_schema
from services.accounts import revoke_token
from services.models import DeviceToken
from services.sign_in import sign_device_in

REQUIRED = ("username", "password", "name")
FIELDS: dict[str, Field] = {
    "username": Line("The account's name", 150),
    "password": Secret("The account's password", 1000),
    "otp": Text("The code of the account's authenticator app, if it has one", 12),
    "name": Line("What the owner calls this device, such as “phone of the front desk”", 80),
}


class TokenMade(s.Serializer[Any]):
    """A token of a device. Its text is told this once: keep it where only the app reads it."""

    id = s.UUIDField()
    name = s.CharField()
    token = s.CharField()
    expires_at = s.DateTimeField()


class Device(s.Serializer[Any]):
    """A device that is signed in."""

    id = s.UUIDField()
    name = s.CharField()
    created_at = s.DateTimeField()
    expires_at = s.DateTimeField()
    current = s.BooleanField(help_text="Whether it is the one that asks")


class DeviceList(s.Serializer[Any]):
    """The account's devices, the newest first."""

    results = Device(many=True)


class TokenList(AccountView):
    """The devices of an account."""

    refuses = (
        MALFORMED,
        UNAUTHENTICATED,
        SIGN_IN_REFUSED,
        OTP_REQUIRED,
        OTP_REFUSED,
        TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
        TOO_MANY,
        UNAVAILABLE,
    )

    @extend_schema(
        operation_id="sign_in",
        summary="Sign a device in",
        tags=["accounts"],
        auth=[],
        request={JSON: body_schema(FIELDS, *REQUIRED)},
        responses={(201, JSON): TokenMade},
    )
    def post(self, request: HttpRequest) -> HttpResponse:
        """A token for one device, to send with everything else: `Authorization: Bearer …`.

        An account with an authenticator app needs its code as `otp`; that it does is told only
        after the right password. After ten tries a name is locked for 15 minutes.
        """
        refuse_unknown(request, ())
        asked = read_all(json_object(request), FIELDS, REQUIRED)
        device, text = sign_device_in(
            request=request,
            username=asked["username"],
            password=asked["password"],
            code=asked.get("otp", ""),
            name=asked["name"],
        )
        told = {
            "id": str(device.id),
            "name": device.name,
            "token": text,
            "expires_at": device.expiry,
        }
        return HttpResponse(as_json(told), status=201, content_type=JSON, headers=NO_STORE)

    @extend_schema(
        operation_id="tokens",
        summary="List your devices",
        tags=["accounts"],
        responses={(200, JSON): DeviceList},
    )
    def get(self, request: HttpRequest) -> HttpResponse:
        """The devices that are signed in to your account."""
        refuse_unknown(request, ())
        account, current = signed_in_device(request)
        valid = DeviceToken.objects.filter(user=account, expiry__gt=timezone.now())
        results = [plain_device(device, current) for device in valid]
        told = {"results": results}
        return HttpResponse(as_json(told), content_type=JSON, headers=NO_STORE)


def plain_device(device: DeviceToken, current: DeviceToken) -> dict[str, Any]:
    """A device as its owner may see it."""
    return {
        "id": str(device.id),
        "name": device.name,
        "created_at": device.created,
        "expires_at": device.expiry,
        "current": device.pk == current.pk,
    }


class TokenDetail(AccountView):
    """One device of the account."""

    refuses = (UNAUTHENTICATED, NOT_FOUND, UNAVAILABLE)

    @extend_schema(
        operation_id="revoke_token",
        summary="Sign a device out",
        tags=["accounts"],
        responses={204: None},
    )
    def delete(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Revoke the token of one of your devices; it is dead at once."""
        refuse_unknown(request, ())
        if not revoke_token(account=signed_in(request), device_id=id):
            raise Http404
        return no_content()
