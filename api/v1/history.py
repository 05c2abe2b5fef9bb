"""Who changed what of a listing, and putting one change back."""

import datetime as dt
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema

from api.accounts import AccountView, device_of, signed_in
from api.answers import JSON, as_json, conditional
from api.bodies import json_object
from api.fields import read_fields
from api.parameters import refuse_unknown, whole_number
from api.refusals import (
    FORBIDDEN,
    MALFORMED,
    NOT_FOUND,
    SECOND_PERSON_NEEDED,
    TOO_LARGE,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
)
from api.v1.history_shapes import (
    HistoryPage,
    RevertAnswer,
    tells_something,
    told_result,
    told_set,
)
from api.v1.pages import LARGEST_PAGE, PAGE, PAGE_PARAMETERS
from api.v1.report_pages import cursor_after, read_cursor
from services.acting import as_the_system_unless
from services.models import Service, Site
from services.past import SERVICE_ROWS, SITE_ROWS, ChangeSet, change_sets, place_of, usernames
from services.reverting import revert_of

NOT_KEPT = {"Cache-Control": "no-store"}
NO_BODY = (MALFORMED, UNAUTHENTICATED, NOT_FOUND, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, UNAVAILABLE)
NOBODY = uuid.UUID(int=0)


def refuse_fields(request: HttpRequest) -> None:
    """Refuse a body that says something: this act has no fields."""
    refuse_unknown(request, ())
    if request.META.get("CONTENT_LENGTH") not in (None, "", "0"):
        read_fields(json_object(request), {})


def page_of(request: HttpRequest, sets: list[ChangeSet]) -> tuple[list[ChangeSet], str | None]:
    """The change sets of the page asked for, and the path of the next page.

    Raises:
        RefusedError: the cursor or limit is not usable.
    """
    limit = whole_number(request, "limit", least=1, most=LARGEST_PAGE, default=PAGE)
    if (cursor := request.GET.get("cursor")) is not None:
        at, id_ = read_cursor(cursor)
        sets = [one for one in sets if place_of(one) < (at, id_.int)]
    page = sets[:limit]
    if len(sets) <= limit:
        return page, None
    cursor = cursor_after(page[-1].at.astimezone(dt.UTC), page[-1].by.id or NOBODY)
    return page, f"{request.path}?cursor={cursor}&limit={limit}"


def answer(request: HttpRequest, sets: list[ChangeSet], *, to_staff: bool) -> dict[str, Any]:
    """A page of change sets."""
    page, following = page_of(request, [one for one in sets if tells_something(one)])
    names = usernames([one.by for one in page]) if to_staff else None
    return {"next": following, "results": [told_set(one, names) for one in page]}


class ServiceHistory(AccountView):
    """The history of one service."""

    refuses = (UNAUTHENTICATED, NOT_FOUND, UNAVAILABLE)

    @extend_schema(
        operation_id="service_history",
        summary="Who changed what of a service, newest first",
        tags=["history"],
        parameters=PAGE_PARAMETERS,
        auth=[{}, {"token": []}],  # type: ignore[list-item]  # either way
        responses={(200, JSON): HistoryPage, 304: None},
    )
    def get(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Changes of a listed service, its hours and their exceptions, by role.

        No token is needed. With one, staff of the organization and moderators also see which
        account it was and what was written, of retired services too. Reports of availability
        stand under `reports/`.
        """
        refuse_unknown(request, {"cursor", "limit"})
        device = device_of(request)
        to_staff = (
            device is not None and Service.objects.editable_by(device[0]).filter(pk=id).exists()
        )
        if not to_staff:
            Service.objects.listed().only("pk").get(pk=id)
        with as_the_system_unless(to_staff):
            told = answer(request, change_sets(SERVICE_ROWS, id), to_staff=to_staff)
        return conditional(
            request,
            as_json(told),
            content_type=JSON,
            cache_control="public, no-cache" if device is None else "private, no-cache",
            headers={"Vary": "Authorization"},
        )


class SiteHistory(AccountView):
    """The history of one site, which may be hidden: for its own staff and moderators."""

    refuses = (UNAUTHENTICATED, NOT_FOUND, UNAVAILABLE)

    @extend_schema(
        operation_id="site_history",
        summary="Who changed what of a site, newest first",
        tags=["history"],
        parameters=PAGE_PARAMETERS,
        responses={(200, JSON): HistoryPage, 304: None},
    )
    def get(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Changes of a site and its phones, for staff of its organization and moderators."""
        account = signed_in(request)
        refuse_unknown(request, {"cursor", "limit"})
        Site.objects.editable_by(account).only("pk").get(pk=id)
        told = answer(request, change_sets(SITE_ROWS, id), to_staff=True)
        headers = {"Vary": "Authorization"}
        return conditional(
            request,
            as_json(told),
            content_type=JSON,
            cache_control="private, no-cache",
            headers=headers,
        )


class ServiceRevert(AccountView):
    """Puts one change of a service back."""

    refuses = (*NO_BODY, FORBIDDEN, SECOND_PERSON_NEEDED)

    @extend_schema(
        operation_id="revert_service_change",
        summary="Put a change back",
        tags=["history"],
        request=None,
        responses={(200, JSON): RevertAnswer},
    )
    def post(self, request: HttpRequest, id: uuid.UUID, change: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Puts back everything that was changed at once, at other listings too.

        What somebody changed since is left as it is and named under `skipped`. Again, there is
        nothing left to do. A revert is a change of its own and can be reverted. Changes that also
        touched other organizations are for moderators, and so are those by which a site would move
        by more than 500 m, change its phones, show more of its place or be retired.
        """
        account = signed_in(request)
        refuse_fields(request)
        Service.objects.editable_by(account).only("pk").get(pk=id)
        result = revert_of(SERVICE_ROWS, pk=id, change_set=change, by=account)
        return HttpResponse(as_json(told_result(result)), content_type=JSON, headers=NOT_KEPT)


class SiteRevert(AccountView):
    """Puts one change of a site back."""

    refuses = (*NO_BODY, FORBIDDEN, SECOND_PERSON_NEEDED)

    @extend_schema(
        operation_id="revert_site_change",
        summary="Put a change back",
        tags=["history"],
        request=None,
        responses={(200, JSON): RevertAnswer},
    )
    def post(self, request: HttpRequest, id: uuid.UUID, change: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Puts back everything that was changed at once, at other listings too.

        See the same of a service.
        """
        account = signed_in(request)
        refuse_fields(request)
        Site.objects.editable_by(account).only("pk").get(pk=id)
        result = revert_of(SITE_ROWS, pk=id, change_set=change, by=account)
        return HttpResponse(as_json(told_result(result)), content_type=JSON, headers=NOT_KEPT)
