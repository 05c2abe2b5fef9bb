"""Held changes: those of one's own organization, and the second person's decision."""

import uuid
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django_filters import ChoiceFilter, FilterSet, UUIDFilter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from api.accounts import AccountView, BearerToken, signed_in
from api.answers import JSON, as_json
from api.parameters import refuse_unknown
from api.refusals import (
    ALREADY_DECIDED,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    SECOND_PERSON_NEEDED,
    UNAUTHENTICATED,
    UNAVAILABLE,
    Refusal,
)
from api.v1.edit_shapes import HeldChangePage, HeldChangeShape
from api.v1.pages import PAGE_PARAMETERS, ListView
from services.holding import REJECTED_BECAUSE, approve, reject
from services.models import HeldChange, User

NO_STORE = {"Cache-Control": "no-store"}


def told_change(held: HeldChange, reader: User) -> dict[str, Any]:
    """See HeldChangeShape."""
    why = [reason for reason in held.reasons if reason in REJECTED_BECAUSE]
    listing: Any = held.site or held.service
    return {
        "id": str(held.pk),
        "organization": str(held.organization_id),
        "listing": {
            "type": "site" if held.site_id else "service",
            "id": str(listing.pk),
            "name": listing.name or listing.site.name,
        },
        "changes": held.changes,
        "before": held.before,
        "reasons": [reason for reason in held.reasons if reason not in why],
        "asked_by": held.asked_by.username if held.asked_by else None,
        "asked_as": held.asked_as,
        "asked_by_you": held.asked_by_id == reader.pk,
        "asked_at": held.asked_at,
        "due_at": held.due_at,
        "state": held.state,
        "decided_by": held.decided_by.username if held.decided_by else None,
        "decided_at": held.decided_at,
        "rejected_because": why[0] if why else None,
    }


class HeldChangeFilter(FilterSet):  # type: ignore[misc]
    """Which held changes."""

    state = ChoiceFilter(choices=HeldChange.State.choices)
    organization = UUIDFilter(field_name="organization_id")

    class Meta:
        model = HeldChange
        fields: ClassVar[list[str]] = []


class HeldChangeList(ListView):
    """Held changes in order of id."""

    queryset = HeldChange.objects.select_related("site", "service__site", "asked_by", "decided_by")
    filterset_class = HeldChangeFilter
    serializer_class = HeldChangePage
    authentication_classes = (BearerToken,)
    refuses = (UNAUTHENTICATED, NOT_ACCEPTABLE, UNAVAILABLE)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Ask who it is before anything else."""
        self.account = signed_in(request._request)
        super().initial(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        """Done by now."""

    def get_queryset(self) -> QuerySet[HeldChange]:
        """Those of the account's own organization; a moderator's are all."""
        found: QuerySet[HeldChange] = super().get_queryset()
        return found & HeldChange.objects.visible_to(self.account)

    @extend_schema(
        operation_id="held_changes",
        summary="What waits for a second person",
        tags=["editing"],
        parameters=PAGE_PARAMETERS[:2],
        auth=[{"token": []}],  # type: ignore[list-item]  # drf-spectacular takes whole entries
        filters=True,
        responses={(200, JSON): HeldChangePage, 304: None},
    )
    def get(self, request: Request) -> HttpResponse:
        """Dangerous changes of your own organization, decided ones too; a moderator's are all.

        `?state=waiting` for those to decide. Nobody's but staff of the organization and moderators
        see them: they may hold the true place of a hidden site.
        """
        results = [told_change(held, self.account) for held in self.page(request)]
        return self.answer(
            request, {"results": results}, content_type=JSON, cache_control="no-store"
        )


class _Decision(AccountView):
    refuses: tuple[Refusal, ...] = (UNAUTHENTICATED, NOT_FOUND, ALREADY_DECIDED, UNAVAILABLE)

    def decided(self, request: HttpRequest, pk: uuid.UUID, decide: Any) -> HttpResponse:
        """The change after a decision about it."""
        account = signed_in(request)
        refuse_unknown(request, ())
        held = decide(held_id=pk, by=account)
        return HttpResponse(
            as_json(told_change(held, account)), content_type=JSON, headers=NO_STORE
        )


class Approve(_Decision):
    """Approving a held change."""

    refuses = (*_Decision.refuses, SECOND_PERSON_NEEDED)

    @extend_schema(
        operation_id="approve_held_change",
        summary="Approve a held change",
        tags=["editing"],
        request=None,
        responses={(200, JSON): HeldChangeShape},
    )
    def post(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Let it take effect now, as another person than who asked for it.

        If the listing changed meanwhile it is rejected instead: see `state` and
        `rejected_because`.
        """
        return self.decided(request, id, approve)


class Reject(_Decision):
    """Rejecting a held change."""

    @extend_schema(
        operation_id="reject_held_change",
        summary="Reject a held change",
        tags=["editing"],
        request=None,
        responses={(200, JSON): HeldChangeShape},
    )
    def post(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Let the old value stay. Who asked for the change may take it back so, too."""
        return self.decided(request, id, reject)
