"""Services."""

import json
import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html_join

from services.admin.around import map_of
from services.admin.availability import ReportForm, availability_document, stands
from services.admin.closing import ClosingAdmin
from services.admin.exchange import SERVICES, ExchangeMixin
from services.admin.fields import PICKER_CSS, PICKER_JS
from services.admin.filters import Freshness, Listed
from services.admin.forms import ServiceForm
from services.admin.hours import HoursExceptionInline, HoursInline, hours_document
from services.admin.listings import ListingAdmin, sign
from services.admin.parts import changes_of, edit, save_parts
from services.admin.report import ReportInline
from services.admin.scope import OwnValues
from services.admin.shown import ADMIN_CSS, NOTHING, link_to, yes_no_unknown
from services.admin.site import site_summary
from services.closed import close_newcomers
from services.editing import edit_service
from services.models import Service, User
from services.past import SERVICE_ROWS
from services.vocabulary import low_barrier


@admin.register(Service)
class ServiceAdmin(ExchangeMixin, ClosingAdmin[Service], ListingAdmin[Service]):
    """Kinds of help at sites. Availability is written by reports alone."""

    class Media:
        css = {"all": (*PICKER_CSS, ADMIN_CSS)}  # noqa: RUF012 - how Django spells it
        js = PICKER_JS

    sheet = SERVICES
    change_form_template = "admin/services/service/change_form.html"
    form = ServiceForm
    inlines = (HoursInline, HoursExceptionInline, ReportInline)
    history_of = SERVICE_ROWS
    list_display = ("label", "site_name", "city", "region", "now", "as_of", "listed")
    list_filter = (
        Listed,
        "kind",
        Freshness,
        "state",
        "reported_by",
        "disputed",
        "site__country",
        ("site__region", OwnValues),
    )
    list_select_related = ("site",)
    search_fields = ("name", "site__name", "site__city", "^site__postal_code", "=id")
    search_help_text = "Name of the service or site, city, postal code, or the service's id"
    autocomplete_fields = ("site",)
    list_per_page = 50
    show_full_result_count = False
    readonly_fields = ("low_barrier", "records", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": ("site", "kind", "name", "description")}),
        ("Who it is for", {"fields": ("min_age", "max_age", "languages")}),
        ("Access", {"fields": ("access", "low_barrier")}),
        (
            "Withdrawal management and residential",
            {
                "description": "For detox and residential treatment; leave the rest as it is.",
                "classes": ("collapse",),
                "fields": (
                    "methadone_policy", "buprenorphine_policy", "asam_levels", "asam_edition",
                ),
            },
        ),
        ("Truth", {"fields": ("confirmed_at", "records", "created_at", "updated_at")}),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Site and kind are chosen once: reports and feeds refer to them."""
        return (*self.readonly_fields, *(("site", "kind") if obj else ()))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Service]:
        """With the site and who runs it, which its name and page show."""
        return super().get_queryset(request).select_related("site__organization")

    @admin.display(description="Kind", ordering="kind")
    def label(self, service: Service) -> str:
        """Its kind by label."""
        return service.get_kind_display()

    @admin.display(description="Site", ordering="site__name")
    def site_name(self, service: Service) -> str:
        """Its own name, or the site's."""
        return service.name or service.site.name

    @admin.display(description="City", ordering="site__city")
    def city(self, service: Service) -> str:
        """Where it is."""
        return service.site.city

    @admin.display(description="Region", ordering="site__region")
    def region(self, service: Service) -> str:
        """State or province."""
        return service.site.region

    @admin.display(description="Availability now", ordering="state")
    def now(self, service: Service) -> str:
        """What anyone is told."""
        return stands(service)

    @admin.display(description="Listed", boolean=True)
    def listed(self, service: Service) -> bool:
        """Whether anyone may find it."""
        return service.retired_at is None and service.site.retired_at is None

    @admin.display(description="Low barrier")
    def low_barrier(self, service: Service) -> str:
        """Derived from the facts as they are stored."""
        return yes_no_unknown(low_barrier(service.access)) + " (follows from the facts above)"

    @admin.display(description="Sources")
    def records(self, service: Service) -> str:
        """The records that say it exists."""
        if service._state.adding:
            return NOTHING
        rows = service.source_records.defer("content", "reading")
        return format_html_join("", "{}<br>", ((link_to(row),) for row in rows)) or NOTHING

    def save_model(
        self,
        request: HttpRequest,
        obj: Service,
        form: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Write the fields that changed, so that no report is undone."""
        sign(request)
        if change:
            changes, others = changes_of(form)
            if others:
                edit_service(service_id=obj.pk, changes=others)
            edit(request, obj, changes)
        else:
            obj.save(force_insert=True)
            close_newcomers([obj.site_id])

    def save_formset(
        self,
        request: HttpRequest,
        form: Any,
        formset: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Store hours by the fields that changed."""
        save_parts(request, formset)

    def get_urls(self) -> list[URLPattern]:
        """The report form has its own address."""
        report = self.admin_site.admin_view(self.report_view)
        return [
            path("<uuid:pk>/report/", report, name="services_service_report"),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Adds what is true now, and the form to report it."""
        service = kwargs.get("obj")
        if service is not None:
            context |= self._now(request, service, ReportForm(service))
        return super().render_change_form(request, context, *args, **kwargs)

    def _now(self, request: HttpRequest, service: Service, form: ReportForm) -> dict[str, Any]:
        now = timezone.now()
        return {
            "service": service,
            "site_summary": site_summary(service.site),
            "site_map": json.dumps(map_of(service.site)),
            "availability": availability_document(service, now),
            "hours_now": hours_document(service, now),
            "report_form": form if self.has_change_permission(request, service) else None,
        }

    def _reported(self, request: HttpRequest, form: ReportForm, account: User) -> bool:
        with transaction.atomic():
            sign(request)
            return form.report(account) is not None

    def report_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Takes the report form; shows it again with what is to be mended."""
        service = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, service) or not isinstance(request.user, User):
            raise PermissionDenied
        form = ReportForm(service, request.POST or None)
        if request.method == "POST" and self._reported(request, form, request.user):
            messages.success(request, "Reported. Search tells it from now on.")
            return HttpResponseRedirect(reverse("admin:services_service_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            **self._now(request, service, form),
            "opts": self.opts,
            "title": "Report availability",
            "subtitle": str(service),
            "media": self.media,
        }
        return TemplateResponse(request, "services/report.html", context)
