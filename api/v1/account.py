"""GET /api/v1/account/: whose token this is, and what they may do."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s

from api.accounts import NO_STORE, AccountView, signed_in
from api.answers import JSON, as_json
from api.parameters import refuse_unknown
from api.refusals import UNAUTHENTICATED, UNAVAILABLE
from services.models import User
from services.vocabulary import CLINIC_ROLES, Role

BEYOND = [role.value for role in Role if role not in CLINIC_ROLES]
IN_A_CLINIC = [role.value for role in CLINIC_ROLES]


class OrganizationOfAccount(s.Serializer[Any]):
    """An organization that the account belongs to."""

    id = s.UUIDField()
    name = s.CharField()
    role = s.ChoiceField(choices=IN_A_CLINIC)


class AccountTold(s.Serializer[Any]):
    """An account, as it is told to itself."""

    username = s.CharField()
    role = s.ChoiceField(choices=BEYOND, allow_null=True, help_text="Beyond organizations")
    approved = s.BooleanField(help_text="false: outreach that a moderator has yet to approve")
    organizations = OrganizationOfAccount(many=True)


class Account(AccountView):
    """The account that asks."""

    refuses = (UNAUTHENTICATED, UNAVAILABLE)

    @extend_schema(
        operation_id="account",
        summary="Your own account",
        tags=["accounts"],
        responses={(200, JSON): AccountTold},
    )
    def get(self, request: HttpRequest) -> HttpResponse:
        """Your name, your role, and the organizations that you belong to."""
        refuse_unknown(request, ())
        told = plain_account(signed_in(request))
        return HttpResponse(as_json(told), content_type=JSON, headers=NO_STORE)


def plain_account(account: User) -> dict[str, Any]:
    """An account as its owner may see it."""
    belongs = account.memberships.select_related("organization").order_by("organization__name")
    return {
        "username": account.username,
        "role": Role.MODERATOR if account.moderates else account.role or None,
        "approved": account.role != Role.OUTREACH or account.does_outreach,
        "organizations": [
            {"id": str(row.organization_id), "name": row.organization.name, "role": row.role}
            for row in belongs
        ],
    }
