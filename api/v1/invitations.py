"""Inviting people: POST /api/v1/invitations/ and …/organizations/{id}/invitations/."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s

from api.account_fields import Email
from api.accounts import NO_STORE, AccountView, signed_in
from api.answers import JSON, as_json
from api.bodies import json_object
from api.fields import Field
from api.parameters import refuse_unknown
from api.refusals import (
    CONFLICT,
    FORBIDDEN,
    MALFORMED,
    NOT_FOUND,
    TOO_LARGE,
    TOO_MANY_INVITATIONS,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
)
from api.report_fields import Id, Word, read_all
from api.v1.members import ROLES, administered
from api.v1.reports import body_schema
from services.invitations import Invited, invite
from services.models import Invitation, Organization, User
from services.vocabulary import Role

BEYOND = (Role.OUTREACH.value, Role.MODERATOR.value)
OF_ALL: dict[str, Field] = {
    "id": Id("Yours: a UUID. Sent again, with the same body, it invites once."),
    "email": Email("Where the link goes"),
}
IN_A_CLINIC: dict[str, Field] = OF_ALL | {"role": Word("Staff or admin", ROLES)}
BEYOND_CLINICS: dict[str, Field] = OF_ALL | {"role": Word("Outreach or moderator", BEYOND)}


class InvitationTold(s.Serializer[Any]):
    """An invitation. The link itself is only in the message."""

    id = s.UUIDField()
    email = s.EmailField()
    role = s.ChoiceField(choices=Role.values)
    organization = s.UUIDField(allow_null=True)
    expires_at = s.DateTimeField()
    accepted_at = s.DateTimeField(allow_null=True)


REFUSES = (
    MALFORMED,
    UNAUTHENTICATED,
    FORBIDDEN,
    CONFLICT,
    TOO_MANY_INVITATIONS,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    UNAVAILABLE,
)


class OrganizationInvitations(AccountView):
    """Invitations to an organization."""

    refuses = (*REFUSES, NOT_FOUND)

    @extend_schema(
        operation_id="invite_member",
        summary="Invite somebody to an organization",
        tags=["accounts"],
        request={JSON: body_schema(IN_A_CLINIC, *IN_A_CLINIC)},
        responses={(201, JSON): InvitationTold, (200, JSON): InvitationTold},
    )
    def post(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Mail somebody a link, good for seven days, with which they choose a name and a password.

        For the organization's admins and moderators. The same id again answers 200.
        """
        refuse_unknown(request, ())
        account = signed_in(request)
        organization = administered(account, id)
        return _invited(request, account, IN_A_CLINIC, organization)


class Invitations(AccountView):
    """Invitations beyond organizations."""

    refuses = REFUSES

    @extend_schema(
        operation_id="invite",
        summary="Invite an outreach worker or a moderator",
        tags=["accounts"],
        request={JSON: body_schema(BEYOND_CLINICS, *BEYOND_CLINICS)},
        responses={(201, JSON): InvitationTold, (200, JSON): InvitationTold},
    )
    def post(self, request: HttpRequest) -> HttpResponse:
        """Mail somebody a link, good for seven days, with which they choose a name and a password.

        Moderators and approved outreach workers invite outreach, which a moderator then approves.
        Only a superuser invites moderators. The same id again answers 200.
        """
        refuse_unknown(request, ())
        return _invited(request, signed_in(request), BEYOND_CLINICS, None)


def _invited(
    request: HttpRequest,
    account: User,
    fields: dict[str, Field],
    organization: Organization | None,
) -> HttpResponse:
    asked = read_all(json_object(request), fields, tuple(fields))
    wanted = Invited(asked["id"], asked["email"], Role(asked["role"]), organization)
    invitation, is_new = invite(invited=wanted, by=account)
    told = as_json(plain_invitation(invitation))
    status = 201 if is_new else 200
    return HttpResponse(told, status=status, content_type=JSON, headers=NO_STORE)


def plain_invitation(invitation: Invitation) -> dict[str, Any]:
    """An invitation as who sent it may see it."""
    organization = invitation.organization_id
    return {
        "id": str(invitation.pk),
        "email": invitation.email,
        "role": invitation.role,
        "organization": str(organization) if organization else None,
        "expires_at": invitation.expires_at,
        "accepted_at": invitation.accepted_at,
    }
