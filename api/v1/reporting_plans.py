"""Under /api/v1/sites/{id}/: the site's reporting plan, and a link mailed to its contact."""

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s

from api.accounts import AccountView, signed_in
from api.answers import JSON, as_json
from api.bodies import json_object
from api.fields import Field, UnusableError, object_schema, read_fields
from api.parameters import refuse_unknown
from api.refusals import (
    MALFORMED,
    NO_PLAN,
    NOT_FOUND,
    TOO_LARGE,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
)
from api.report_fields import read_all
from services.models import ReportingPlan, Site
from services.reporting_links import mail_link
from services.reporting_plans import LONGEST_ADDRESS, MOST_SHIFTS, set_plan, stop_plan

CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail address, which must be sent. Whether it can be one, the domain says."""

    description: str

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        size = {"format": "email", "maxLength": LONGEST_ADDRESS}
        return {"type": "string", "description": self.description} | size

    def read(self, value: Any) -> str:
        """See Field."""
        if not isinstance(value, str) or len(value) > LONGEST_ADDRESS:
            raise UnusableError("invalid_address", "An address such as desk@clinic.example.")
        return value.strip()


@dataclass(frozen=True, slots=True)
class ShiftTimes:
    """Times of day on the site's clock."""

    description: str

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        time = {"type": "string", "pattern": f"^{CLOCK.pattern}$"}
        listed = {"type": "array", "items": time, "maxItems": MOST_SHIFTS, "default": []}
        return listed | {"description": self.description}

    def read(self, value: Any) -> list[dt.time]:
        """See Field."""
        if not isinstance(value, list):
            raise UnusableError("not_a_list", 'Send a list such as ["07:00", "15:00"].')
        if len(value) > MOST_SHIFTS:
            raise UnusableError("max_length", f"At most {MOST_SHIFTS} times a day.")
        if not all(isinstance(one, str) and CLOCK.fullmatch(one) for one in value):
            raise UnusableError("invalid_time", "Each is a time from 00:00 to 23:59.")
        return [dt.time.fromisoformat(one) for one in value]


PLAN: dict[str, Field] = {
    "contact_email": Address("Where reminders and links go"),
    "shift_times": ShiftTimes("On the site's clock, when somebody is there to answer"),
}
BODY = object_schema(PLAN) | {"required": ["contact_email"]}


class PlanTold(s.Serializer[Any]):
    """A site's reporting plan."""

    contact_email = s.EmailField()
    shift_times = s.ListField(child=s.CharField(), help_text="In order, such as 07:00")
    updated_at = s.DateTimeField()


class ReportingPlanDetail(AccountView):
    """The plan of a site, for its staff and for moderators."""

    refuses = (
        MALFORMED,
        UNAUTHENTICATED,
        NOT_FOUND,
        TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
        UNAVAILABLE,
    )

    @extend_schema(
        operation_id="reporting_plan",
        summary="When a site's staff are reminded, and where",
        tags=["reminders"],
        responses={(200, JSON): PlanTold},
    )
    def get(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """The plan of a site of your organization. A site without one has none to be found."""
        plan = ReportingPlan.objects.filter(site=own_site(request, id)).first()
        if plan is None:
            raise Http404
        return _told(plan)

    @extend_schema(
        operation_id="set_reporting_plan",
        summary="Set when a site's staff are reminded, and where",
        tags=["reminders"],
        request={JSON: BODY},
        responses={(200, JSON): PlanTold},
    )
    def put(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Set the plan of a site of your organization, whole.

        Before what is told of a service expires, a message asks the contact whether it is still
        true: at the last shift before, if there is one. Links mailed to another contact stop
        working.
        """
        site = own_site(request, id)
        values = read_all(json_object(request), PLAN, ("contact_email",))
        plan = set_plan(
            site=site,
            contact_email=values["contact_email"],
            shift_times=values.get("shift_times", []),
        )
        return _told(plan)

    @extend_schema(
        operation_id="stop_reporting_plan",
        summary="Stop reminders",
        tags=["reminders"],
        responses={204: None},
    )
    def delete(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """End reminders for a site of your organization; links that were mailed stop working.

        204 as well if there was no plan.
        """
        stop_plan(site=own_site(request, id))
        return _nothing(204)


class ReportLinkMail(AccountView):
    """A fresh link for a site's contact."""

    refuses = (
        MALFORMED,
        UNAUTHENTICATED,
        NOT_FOUND,
        NO_PLAN,
        TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
        UNAVAILABLE,
    )

    @extend_schema(
        operation_id="mail_report_link",
        summary="Mail a link to report by",
        tags=["reminders"],
        request=None,
        responses={202: None},
    )
    def post(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """Mail the contact of the site's plan a link that reports without an account.

        The link itself is told to nobody else. Within one minute it is mailed once. There is no
        body, or an empty object.
        """
        site = own_site(request, id)
        if request.META.get("CONTENT_LENGTH") not in {None, "", "0"}:
            read_fields(json_object(request), {})
        mail_link(site=site, now=timezone.now())
        return _nothing(202)


def own_site(request: HttpRequest, id_: uuid.UUID) -> Site:
    """The listed site that the account may edit; a foreign one is as good as missing."""
    account = signed_in(request)
    refuse_unknown(request, ())
    site = Site.objects.listed().editable_by(account).filter(pk=id_).first()
    if site is None:
        raise Http404
    return site


def _told(plan: ReportingPlan) -> HttpResponse:
    told = {
        "contact_email": plan.contact_email,
        "shift_times": [f"{time:%H:%M}" for time in plan.shift_times],
        "updated_at": plan.updated_at,
    }
    return HttpResponse(as_json(told), content_type=JSON, headers=NO_STORE)


def _nothing(status: int) -> HttpResponse:
    response = HttpResponse(status=status, headers=NO_STORE)
    del response["Content-Type"]
    return response
