"""Availability reports."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from services.admin.readonly import ReadOnly
from services.admin.scope import ScopedAdmin
from services.admin.shown import link_to
from services.models import AvailabilityReport

SAID = ("state", "remaining", "wait_days", "note", "observed_at", "received_at")
NEWEST = 50  # reports shown on a service's page
WITNESS = ("reporter", "channel")


@admin.register(AvailabilityReport)
class ReportAdmin(ReadOnly, ScopedAdmin[AvailabilityReport]):
    """Who saw what, when. New ones are made on a service's page; none is changed or deleted."""

    shows = "visible_to"

    list_display = ("service", *SAID[:3], "observed_at", "received_at", *WITNESS)
    list_filter = ("state", "reporter", "channel", "service__kind")
    list_select_related = ("service__site",)
    search_fields = ("service__site__name", "service__name", "=service__id")
    search_help_text = "Name of the site or service, or the service's id"
    date_hierarchy = "observed_at"
    list_per_page = 50
    show_full_result_count = False
    readonly_fields = ("service_link",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Whose account it was is for those who may see accounts."""
        account = ("account",) if request.user.has_perm("services.view_user") else ()
        return ("service_link", *SAID, *WITNESS, *account)

    @admin.display(description="Service")
    def service_link(self, report: AvailabilityReport) -> str:
        """The service it is about."""
        return link_to(report.service)


class ReportInline(ReadOnly, admin.TabularInline[AvailabilityReport, Any]):
    """The history of a service's availability, newest first."""

    model = AvailabilityReport
    fields = ("observed_at", "state", "remaining", "wait_days", "note", *WITNESS, "received_at")
    ordering = ("-observed_at", "pk")
    verbose_name_plural = f"Reports of availability: the newest {NEWEST}"
    extra = 0
    readonly_fields = ("received_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AvailabilityReport]:
        """The newest reports of the service whose page this is."""
        match = request.resolver_match
        service = match.kwargs.get("object_id") if match else None
        newest = AvailabilityReport.objects.filter(service=service).values("pk")[:NEWEST]
        return super().get_queryset(request).filter(pk__in=newest)
