"""Who asks: the account behind a device's token. Searching never comes here."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import IsAuthenticated

from api.light import LightView
from api.refusals import UNAUTHENTICATED, RefusedError
from services.acting import recognised_account
from services.models import DeviceToken, User

LONGEST_TOKEN = 100  # characters; ours have 68
CHALLENGE = {"WWW-Authenticate": "Bearer"}
NO_STORE = {"Cache-Control": "no-store"}


class BearerToken(TokenAuthentication):  # type: ignore[misc]
    """``Authorization: Bearer <token>``. A revoked or expired token is no token."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, DeviceToken]:
        """The account and the device; whatever cannot be a token of ours is refused unread."""
        if len(token) > LONGEST_TOKEN or not token.isascii() or b"\0" in token:
            raise AuthenticationFailed
        found: tuple[User, DeviceToken] = super().authenticate_credentials(token)
        recognised_account(found[0].pk)
        return found


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document names it."""

    target_class = BearerToken
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """See drf-spectacular."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of one device, from `POST /api/v1/tokens/`.",
        }


def device_of(request: HttpRequest) -> tuple[User, DeviceToken] | None:
    """The account and the device that ask, or None without a token.

    Raises:
        RefusedError: there is a token, and it is not valid.
    """
    try:
        found: tuple[User, DeviceToken] | None = BearerToken().authenticate(request)
    except AuthenticationFailed:
        raise RefusedError(UNAUTHENTICATED, headers=CHALLENGE) from None
    return found


def signed_in(request: HttpRequest) -> User:
    """The account that asks.

    Raises:
        RefusedError: there is no valid token.
    """
    return signed_in_device(request)[0]


def signed_in_device(request: HttpRequest) -> tuple[User, DeviceToken]:
    """The account that asks, and its device.

    Raises:
        RefusedError: there is no valid token.
    """
    if (found := device_of(request)) is None:
        raise RefusedError(UNAUTHENTICATED, headers=CHALLENGE)
    return found


def no_content() -> HttpResponse:
    """204: it is done, and there is nothing to tell."""
    response = HttpResponse(status=204, headers=NO_STORE)
    del response["Content-Type"]
    return response


class AccountView(LightView):
    """A view for accounts: in the OpenAPI document its operations ask for a token."""

    authentication_classes = (BearerToken,)
    permission_classes = (IsAuthenticated,)
