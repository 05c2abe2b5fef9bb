"""The shapes of answers about reports, for the OpenAPI document, and how they are told."""

from typing import Any

from rest_framework import serializers as s

from api.openapi import Problem
from services import vocabulary as v
from services.models import AvailabilityReport
from services.vocabulary import KIND_FACTS, Kind

STATES = [choice for choice in v.Availability.choices if choice[0] != v.Availability.UNKNOWN]
Shape = s.Serializer[Any]


class ReportShape(Shape):
    """What somebody saw of a service, as it was stored."""

    id = s.UUIDField()
    service = s.UUIDField()
    state = s.ChoiceField(choices=STATES, help_text="`waitlist` if people wait for what is free")
    remaining = s.IntegerField(allow_null=True)
    wait_days = s.IntegerField(allow_null=True)
    note = s.CharField(allow_blank=True)
    observed_at = s.DateTimeField()
    received_at = s.DateTimeField()
    expires_at = s.DateTimeField(help_text="From then on it no longer states the availability")
    reported_by = s.ChoiceField(choices=v.Reporter.choices, help_text="A role, never a person")


class ListedReport(ReportShape):
    """A report in a service's list."""

    withdrawn = s.BooleanField(
        help_text="Taken back: it counts no more, and the public is told no note"
    )
    account = s.CharField(
        required=False,
        allow_null=True,
        help_text="Who reported: told to staff of the organization and to moderators alone",
    )


class ReportPage(Shape):
    """A page of reports, newest first."""

    next = s.CharField(allow_null=True, help_text="The next page's path; follow it as it is")
    results = ListedReport(many=True)


class BatchResult(Shape):
    """What became of one report: `report` if it is stored, else `problem`."""

    id = s.UUIDField(allow_null=True, help_text="null if none could be read")
    status = s.IntegerField(help_text="As if it had been sent alone: 201, 200, 400, 404, 409 …")
    report = ReportShape(required=False)
    problem = Problem(required=False)


class BatchAnswer(Shape):
    """One result for each report, in their order."""

    results = BatchResult(many=True)


class Confirmed(Shape):
    """When a listing was confirmed."""

    confirmed_at = s.DateTimeField()


class OutcomeShape(Shape):
    """What a visit came to, as it was stored."""

    id = s.UUIDField()
    service = s.UUIDField()
    outcome = s.ChoiceField(choices=v.Outcome.choices)


def told_report(report: AvailabilityReport, kind: Kind) -> dict[str, Any]:
    """A report as it is told: from what is stored alone, so that a repeat is answered alike.

    Args:
        report: stored.
        kind: of its service.
    """
    return {
        "id": str(report.pk),
        "service": str(report.service_id),
        "state": report.state,
        "remaining": report.remaining,
        "wait_days": report.wait_days,
        "note": report.note,
        "observed_at": report.observed_at,
        "received_at": report.received_at,
        "expires_at": report.observed_at + KIND_FACTS[kind].expires,
        "reported_by": report.reporter,
    }


def told_in_list(report: AvailabilityReport, kind: Kind, *, to_staff: bool) -> dict[str, Any]:
    """A report in a service's list; staff of the organization and moderators also see who.

    What was taken back may hold what should never have been public: only they read its note.
    """
    withdrawn = report.withdrawn_at is not None
    told = told_report(report, kind) | {"withdrawn": withdrawn}
    if to_staff:
        told["account"] = report.account.username if report.account else None
    elif withdrawn:
        told["note"] = ""
    return told
