"""Availability reports."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from services.admin.readonly import ReadOnly
from services.admin.scope import ScopedAdmin, account_of, moderates
from services.admin.shown import link_to
from services.models import AvailabilityReport
from services.undoing import withdraw_report

SAID = ("state", "remaining", "wait_days", "note", "observed_at", "received_at")
NEWEST = 50  # reports shown on a service's page
WITNESS = ("reporter", "channel")


@admin.register(AvailabilityReport)
class ReportAdmin(ReadOnly, ScopedAdmin[AvailabilityReport]):
    """Who saw what, when. New ones are made on a service's page; none is changed or deleted.

    Moderators take back those that were never true.
    """

    shows = "visible_to"

    list_display = ("service", *SAID[:3], "observed_at", "received_at", *WITNESS, "withdrawn_at")
    actions = ("take_back",)
    list_filter = ("state", "reporter", "channel", "service__kind")
    list_select_related = ("service__site",)
    search_fields = ("service__site__name", "service__name", "=service__id")
    search_help_text = "Name of the site or service, or the service's id"
    date_hierarchy = "observed_at"
    list_per_page = 50
    show_full_result_count = False
    readonly_fields = ("service_link", "withdrawn_at", "withdrawn_by")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Whose account it was is for those who may see accounts."""
        people = request.user.has_perm("services.view_user")
        account = ("account", "withdrawn_by") if people else ()
        return ("service_link", *SAID, *WITNESS, "withdrawn_at", *account)

    def has_take_back_permission(self, request: HttpRequest) -> bool:
        """Moderators take reports back."""
        return moderates(request)

    @admin.action(description="Take back: as if it had never come", permissions=["take_back"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[AvailabilityReport]) -> None:
        """Take back the reports chosen; each service says again what was known without them."""
        standing = queryset.standing().order_by("service", "pk")  # type: ignore[attr-defined]
        ids = list(standing.values_list("pk", flat=True))
        with transaction.atomic():
            for pk in ids:
                withdraw_report(report_id=pk, by=account_of(request))
        messages.success(request, f"{len(ids)} taken back. They stay here to be read.")

    @admin.display(description="Service")
    def service_link(self, report: AvailabilityReport) -> str:
        """The service it is about."""
        return link_to(report.service)


class ReportInline(ReadOnly, admin.TabularInline[AvailabilityReport, Any]):
    """The history of a service's availability, newest first."""

    model = AvailabilityReport
    fields = (
        "observed_at",
        "state",
        "remaining",
        "wait_days",
        "note",
        *WITNESS,
        "received_at",
        "withdrawn_at",
    )
    ordering = ("-observed_at", "pk")
    verbose_name_plural = f"Reports of availability: the newest {NEWEST}"
    extra = 0
    readonly_fields = ("received_at", "withdrawn_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AvailabilityReport]:
        """The newest reports of the service whose page this is."""
        match = request.resolver_match
        service = match.kwargs.get("object_id") if match else None
        newest = AvailabilityReport.objects.filter(service=service).values("pk")[:NEWEST]
        return super().get_queryset(request).filter(pk__in=newest)
