"""The people of an organization: GET …/members/, PATCH and DELETE …/members/{id}/."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s

from api.accounts import NO_STORE, AccountView, no_content, signed_in
from api.answers import JSON, as_json
from api.bodies import json_object
from api.fields import Field
from api.parameters import refuse_unknown
from api.refusals import (
    FORBIDDEN,
    LAST_ADMIN,
    MALFORMED,
    NOT_FOUND,
    TOO_LARGE,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    RefusedError,
)
from api.report_fields import Word, read_all
from api.v1.reports import body_schema
from services.members import change_role, remove_member
from services.models import Membership, Organization, User
from services.vocabulary import CLINIC_ROLES, Role

ROLES = tuple(role.value for role in CLINIC_ROLES)
FIELDS: dict[str, Field] = {"role": Word("Staff or admin of the organization", ROLES)}


class Member(s.Serializer[Any]):
    """Somebody who belongs to the organization."""

    id = s.UUIDField(help_text="Of the membership, not of the person")
    username = s.CharField()
    role = s.ChoiceField(choices=ROLES)
    since = s.DateTimeField()


class MemberPage(s.Serializer[Any]):
    """Everybody who belongs to the organization, who came first before."""

    results = Member(many=True)


def administered(account: User, organization_id: uuid.UUID) -> Organization:
    """The organization, for who administers it.

    Raises:
        RefusedError: they are its staff, and no admin.
        Http404: it is not theirs, or there is none.
    """
    mine = Organization.objects.administered_by(account)
    if (organization := mine.filter(pk=organization_id).first()) is not None:
        return organization
    if account.role_at(organization_id):
        raise RefusedError(FORBIDDEN)
    raise Http404


def plain_member(membership: Membership) -> dict[str, Any]:
    """A member as the admins of the organization may see them."""
    return {
        "id": str(membership.pk),
        "username": membership.user.username,
        "role": membership.role,
        "since": membership.created_at,
    }


class MemberList(AccountView):
    """The people of an organization."""

    refuses = (UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, UNAVAILABLE)

    @extend_schema(
        operation_id="members",
        summary="List an organization's people",
        tags=["accounts"],
        responses={(200, JSON): MemberPage},
    )
    def get(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Who belongs to the organization: for its admins and moderators."""
        refuse_unknown(request, ())
        organization = administered(signed_in(request), id)
        members = organization.memberships.select_related("user").order_by("created_at", "pk")
        told = {"results": [plain_member(row) for row in members]}
        return HttpResponse(as_json(told), content_type=JSON, headers=NO_STORE)


class MemberDetail(AccountView):
    """One of the people of an organization."""

    refuses = (
        MALFORMED,
        UNAUTHENTICATED,
        FORBIDDEN,
        NOT_FOUND,
        LAST_ADMIN,
        TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
        UNAVAILABLE,
    )

    @extend_schema(
        operation_id="change_member",
        summary="Change somebody's role",
        tags=["accounts"],
        request={JSON: body_schema(FIELDS, *FIELDS)},
        responses={(200, JSON): Member},
    )
    def patch(
        self,
        request: HttpRequest,
        id: uuid.UUID,  # noqa: A002 - the contract's name
        member: uuid.UUID,
    ) -> HttpResponse:
        """Make a member staff or admin. The only admin stays one, except for a moderator."""
        account = _admin_of(request, id, member)
        asked = read_all(json_object(request), FIELDS, tuple(FIELDS))
        changed = change_role(membership_id=member, role=Role(asked["role"]), by=account)
        return HttpResponse(as_json(plain_member(changed)), content_type=JSON, headers=NO_STORE)

    @extend_schema(
        operation_id="remove_member",
        summary="Remove somebody from an organization",
        tags=["accounts"],
        responses={204: None},
    )
    def delete(
        self,
        request: HttpRequest,
        id: uuid.UUID,  # noqa: A002 - the contract's name
        member: uuid.UUID,
    ) -> HttpResponse:
        """End a membership. Reports stay; an account without any role is signed out everywhere."""
        account = _admin_of(request, id, member)
        remove_member(membership_id=member, by=account)
        return no_content()


def _admin_of(request: HttpRequest, id_: uuid.UUID, member: uuid.UUID) -> User:
    """Who asks, if the organization is theirs to administer and the member belongs to it."""
    refuse_unknown(request, ())
    account = signed_in(request)
    if not administered(account, id_).memberships.filter(pk=member).exists():
        raise Http404
    return account
