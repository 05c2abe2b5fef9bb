"""Closing a service, a site or an organization for a time, and opening it again."""

import uuid
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s

from api.accounts import AccountView, signed_in
from api.answers import JSON, as_json
from api.bodies import json_object
from api.fields import Field, Moment
from api.parameters import refuse_unknown
from api.refusals import CONFLICT, INVALID, FieldError, RefusedError
from api.report_fields import Id, Note, read_all
from api.v1.history import NO_BODY, NOT_KEPT, refuse_fields
from api.v1.reports import body_schema
from services import vocabulary as v
from services.closing import LONGEST_REASON, Claim, Closable, close_as, reopen_as
from services.models import Closing, Organization, Service, Site, User

CLOSE: dict[str, Field] = {
    "id": Id("Made by your device for this closing: the same id is the same closing for ever."),
    "until": Moment("When it opens again by itself, at most 366 days from now."),
    "reason": Note("For the organization and moderators; searchers are not told.", LONGEST_REASON),
}
NEEDED = ("id", "until")
OPENS = {"organization": Organization, "site": Site, "service": Service}


class ClosingShape(s.Serializer[Any]):
    """A closing for a time."""

    id = s.UUIDField()
    organization = s.UUIDField(help_text="Whose it is")
    site = s.UUIDField(allow_null=True, help_text="null unless one site is closed")
    service = s.UUIDField(allow_null=True, help_text="null unless one service is closed")
    until = s.DateTimeField()
    reason = s.CharField(allow_blank=True)
    made_at = s.DateTimeField()
    closed_by = s.ChoiceField(choices=v.Reporter.choices, help_text="The role people are told")
    account = s.CharField(allow_null=True, help_text="Who closed it")
    reopened_at = s.DateTimeField(allow_null=True, help_text="Opened before its time")


class ClosingList(s.Serializer[Any]):
    """Closings in force, the latest made first."""

    results = ClosingShape(many=True)


def told_closing(closing: Closing) -> dict[str, Any]:
    """A closing, for the organization and moderators."""
    account: User | None = closing.account
    return {
        "id": str(closing.pk),
        "organization": str(closing.organization_id),
        "site": str(closing.site_id) if closing.site_id else None,
        "service": str(closing.service_id) if closing.service_id else None,
        "until": closing.until,
        "reason": closing.reason,
        "made_at": closing.made_at,
        "closed_by": closing.closed_by,
        "account": account.username if account else None,
        "reopened_at": closing.reopened_at,
    }


class _Closings(AccountView):
    """Closings of one thing. A subclass says of which kind."""

    refuses = (*NO_BODY, CONFLICT)
    of: ClassVar[type[Organization] | type[Site] | type[Service]]

    def answer_list(self, request: HttpRequest, id_: uuid.UUID) -> HttpResponse:
        account = signed_in(request)
        refuse_unknown(request, ())
        scope = self.scope(account, id_)
        rows = Closing.objects.current().about(scope).select_related("account")
        told = {"results": [told_closing(one) for one in rows]}
        return HttpResponse(as_json(told), content_type=JSON, headers=NOT_KEPT)

    def answer_close(self, request: HttpRequest, id_: uuid.UUID) -> HttpResponse:
        account = signed_in(request)
        scope = self.scope(account, id_)
        refuse_unknown(request, ())
        values = read_all(json_object(request), CLOSE, NEEDED)
        if "until" not in values:
            error = FieldError("until", "required", "This must be sent.")
            raise RefusedError(INVALID, errors=[error])
        claim = Claim(id=values["id"], until=values["until"], reason=values.get("reason", ""))
        closing, is_new = close_as(scope=scope, claim=claim, account=account)
        body = as_json(told_closing(closing))
        return HttpResponse(
            body, status=201 if is_new else 200, content_type=JSON, headers=NOT_KEPT
        )

    def scope(self, account: User, id_: uuid.UUID) -> Closable:
        """The listed row that the account may close."""
        rows: Any = self.of.objects.editable_by(account)
        listed: Closable = (rows if self.of is Organization else rows.listed()).get(pk=id_)
        return listed


LISTING: dict[str, Any] = {"tags": ["closings"], "responses": {(200, JSON): ClosingList}}
CLOSING: dict[str, Any] = {
    "tags": ["closings"],
    "request": {JSON: body_schema(CLOSE, *NEEDED)},
    "responses": {(201, JSON): ClosingShape, (200, JSON): ClosingShape},
}


class OrganizationClosings(_Closings):
    """Closings of an organization, its sites and services."""

    of = Organization

    @extend_schema(
        operation_id="organization_closings",
        summary="Closings of an organization in force",
        **LISTING,
    )
    def get(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Of the organization, its sites and its services, for its staff and moderators."""
        return self.answer_list(request, id)

    @extend_schema(
        operation_id="close_organization", summary="Close an organization for a time", **CLOSING
    )
    def post(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Closes all its sites at once, until a time. It opens again by itself.

        Everybody else in the organization gets a letter. Of several closings the latest end counts.
        A newer report opens the service that it is about.
        """
        return self.answer_close(request, id)


class SiteClosings(_Closings):
    """Closings of a site and its services."""

    of = Site

    @extend_schema(operation_id="site_closings", summary="Closings of a site in force", **LISTING)
    def get(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Of the site, its services and its whole organization, for its staff and moderators."""
        return self.answer_list(request, id)

    @extend_schema(operation_id="close_site", summary="Close a site for a time", **CLOSING)
    def post(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Closes all services of the site at once, until a time. See closing an organization."""
        return self.answer_close(request, id)


class ServiceClosings(_Closings):
    """Closings of a service."""

    of = Service

    @extend_schema(
        operation_id="service_closings", summary="Closings of a service in force", **LISTING
    )
    def get(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Of the service, its site and its whole organization, for its staff and moderators."""
        return self.answer_list(request, id)

    @extend_schema(operation_id="close_service", summary="Close a service for a time", **CLOSING)
    def post(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Closes the service until a time. See closing an organization."""
        return self.answer_close(request, id)


class Reopen(AccountView):
    """Opens again what is closed for a time."""

    refuses = NO_BODY

    @extend_schema(
        operation_id="reopen",
        summary="Open again before the time",
        tags=["closings"],
        request=None,
        responses={(200, JSON): ClosingShape},
    )
    def post(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Ends a closing. What another closing says, stands. Again: the same answer."""
        account = signed_in(request)
        refuse_fields(request)
        closing = reopen_as(closing_id=id, account=account)
        return HttpResponse(as_json(told_closing(closing)), content_type=JSON, headers=NOT_KEPT)
