"""Reports of a service's availability: one, many at once, and those there are."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema

from api.accounts import AccountView, device_of, signed_in
from api.answers import JSON, as_json, conditional
from api.bodies import json_object
from api.fields import Field, object_schema
from api.parameters import refuse_unknown
from api.refusals import (
    CONFLICT,
    MALFORMED,
    NOT_FOUND,
    TOO_LARGE,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
)
from api.report_fields import REPORT, observation_of, read_all
from api.v1.examples import REPORTS
from api.v1.pages import PAGE_PARAMETERS
from api.v1.report_pages import page_of
from api.v1.report_shapes import (
    ReportPage,
    ReportShape,
    told_in_list,
    told_report,
)
from services.acting import as_the_system_unless
from services.models import AvailabilityReport, Service, User
from services.reporting import Say, report_as, says_of
from services.vocabulary import Kind

NEEDED = ("id", "state")
NOT_KEPT = {"Cache-Control": "no-store"}


def body_schema(fields: dict[str, Field], *required: str) -> dict[str, Any]:
    """An object of these fields in the OpenAPI document."""
    return object_schema(fields) | {"required": list(required)}


READS = (MALFORMED, UNAUTHENTICATED, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, UNAVAILABLE)


class Reports(AccountView):
    """The reports of one service."""

    refuses = (*READS, NOT_FOUND, CONFLICT)

    @extend_schema(
        operation_id="reports",
        summary="Who saw what, newest first",
        tags=["reports"],
        parameters=PAGE_PARAMETERS,
        auth=[{}, {"token": []}],  # type: ignore[list-item]  # either way
        responses={200: ReportPage, 304: None},
    )
    def get(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Reports of a listed service, a page at a time, by role.

        No token is needed; with one, staff of the organization and moderators also see which
        account reported, and the notes of reports that were taken back.
        """
        refuse_unknown(request, {"cursor", "limit"})
        device = device_of(request)
        service = Service.objects.listed().only("kind").get(pk=id)
        to_staff = device is not None and self._knows_accounts(device[0], id)
        rows = AvailabilityReport.objects.filter(service=id).select_related("account")
        with as_the_system_unless(to_staff):
            page, following = page_of(request, rows)
        kind = Kind(service.kind)
        results = [told_in_list(report, kind, to_staff=to_staff) for report in page]
        return conditional(
            request,
            as_json({"next": following, "results": results}),
            content_type=JSON,
            cache_control="public, no-cache" if device is None else "private, no-cache",
            headers={"Vary": "Authorization"},
        )

    def _knows_accounts(self, account: User, service_id: uuid.UUID) -> bool:
        return Service.objects.editable_by(account).filter(pk=service_id).exists()

    @extend_schema(
        operation_id="report",
        summary="Report what is free",
        tags=["reports"],
        request={JSON: body_schema(REPORT, *NEEDED)},
        responses={201: ReportShape, 200: ReportShape},
        examples=REPORTS,
    )
    def post(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """What you saw of a service, as staff of its organization, outreach or a moderator.

        Sending it again with the same id and body is harmless: it is answered with 200 and the
        same report. A service that this account has no say about is not found. Search tells the
        report within a second.
        """
        account = signed_in(request)
        refuse_unknown(request, ())
        values = read_all(json_object(request), REPORT, NEEDED)
        say = says_of(account, [id]).get(id)
        status, body = stored(account, say, id, values)
        return HttpResponse(body, status=status, content_type=JSON, headers=NOT_KEPT)


def stored(
    account: User, say: Say | None, service_id: uuid.UUID, values: dict[str, Any]
) -> tuple[int, bytes]:
    """Store a report: 201 if it is new, else 200; and the report as it is told, which is the same.

    Raises:
        Service.DoesNotExist, ReportRefusedError, ReportConflictError: see ``report_as``.
    """
    report, is_new = report_as(
        account=account,
        say=say,
        service_id=service_id,
        observation=observation_of(values),
        channel=AvailabilityReport.Channel.API,
    )
    return 201 if is_new else 200, as_json(told_report(report, Kind(report.service.kind)))
