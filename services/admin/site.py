"""Sites."""

import re
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from services.admin.availability import stands
from services.admin.closing import ClosingAdmin
from services.admin.exchange import SITES, ExchangeMixin
from services.admin.filters import Listed
from services.admin.forms import PhoneForm, ServiceRowForm, SiteForm
from services.admin.listings import ListingAdmin, sign
from services.admin.parts import changes_of, edit, save_parts
from services.admin.reporting_plan import ReportingPlanInline
from services.admin.scope import OwnValues, account_of, moderates
from services.admin.shown import ADMIN_CSS, NOTHING, badge, link_to
from services.editing import add_site, edit_site
from services.models import Organization, Phone, Service, Site
from services.past import SITE_ROWS
from services.vocabulary import Kind, Visibility

# A list has room for the first words of a label: "Withdrawal management", "Methadone".
SHORT_KIND = {kind: re.split(r",| (?:—|\(|and|/ overdose)", str(kind.label))[0] for kind in Kind}


class PhoneInline(admin.TabularInline[Phone, Site]):
    """Numbers of a site."""

    model = Phone
    form = PhoneForm
    extra = 0
    fields = ("number", "extension", "label", "position")


class ServiceInline(admin.TabularInline[Service, Site]):
    """Services of a site; the rest of each is on its own page."""

    model = Service
    form = ServiceRowForm
    extra = 0
    fields = ("kind", "name", "now", "listed")
    readonly_fields = ("now", "listed")
    can_delete = False
    show_change_link = True

    @admin.display(description="Availability now")
    def now(self, service: Service) -> str:
        """What anyone is told."""
        return NOTHING if service._state.adding else stands(service)

    @admin.display(description="Listed", boolean=True)
    def listed(self, service: Service) -> bool:
        """Whether anyone may find it."""
        return service.retired_at is None


@admin.register(Site)
class SiteAdmin(ExchangeMixin, ClosingAdmin[Site], ListingAdmin[Site]):
    """Doors, stops of vans and remote services."""

    class Media:
        css = {"all": (ADMIN_CSS,)}  # noqa: RUF012 - how Django spells it

    sheet = SITES
    form = SiteForm
    inlines = (PhoneInline, ServiceInline, ReportingPlanInline)
    history_of = SITE_ROWS
    list_display = ("name", "organization", "town", "kinds", "shown_as")
    list_filter = (
        Listed,
        ("services__kind", admin.ChoicesFieldListFilter),
        "visibility",
        "delivery",
        "location_accuracy",
        "country",
        ("region", OwnValues),
    )
    list_select_related = ("organization",)
    search_fields = ("name", "address", "city", "^postal_code", "organization__name")
    search_help_text = "Name, organization, street, city or the beginning of a postal code"
    autocomplete_fields = ("organization",)
    list_per_page = 50
    show_full_result_count = False
    save_on_top = True
    readonly_fields = ("kept", "records", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": ("name", "organization", "delivery", "website", "naltrexone")}),
        ("Where", {"fields": ("visibility", "location", "location_accuracy", "time_zone")}),
        (
            "Address",
            {
                "description": "Shown to anyone only if the site’s exact place is public.",
                "fields": (
                    "address", "address_extra", "city", "region", "postal_code", "country",
                ),
            },
        ),
        ("Truth", {"fields": ("confirmed_at", "records", "kept", "created_at", "updated_at")}),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A site stays with its organization: only a moderator moves it to another."""
        fixed = obj is not None and not moderates(request)
        return (*self.readonly_fields, *(("organization",) if fixed else ()))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Who belongs to one organization adds sites there."""
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        mine = Organization.objects.editable_by(account_of(request))[:2]
        if not moderates(request) and len(mine) == 1:
            return {"organization": mine[0].pk} | given
        return given

    def get_queryset(self, request: HttpRequest) -> QuerySet[Site]:
        """With the services that the list names."""
        return super().get_queryset(request).prefetch_related("services")

    @admin.display(description="Services")
    def kinds(self, site: Site) -> str:
        """Its listed services by label."""
        listed = [one for one in site.services.all() if one.retired_at is None]
        return ", ".join(SHORT_KIND[Kind(one.kind)] for one in listed) or NOTHING

    @admin.display(description="City", ordering="city")
    def town(self, site: Site) -> str:
        """City and state or province."""
        return ", ".join(part for part in (site.city, site.region) if part) or NOTHING

    @admin.display(description="Anyone sees", ordering="visibility")
    def shown_as(self, site: Site) -> str:
        """How much of its place anyone may know."""
        if site.retired_at is not None:
            return badge("Retired", "bad")
        if site.visibility == Visibility.PUBLIC:
            return "Exact place"
        approximate = site.visibility == Visibility.APPROXIMATE
        return badge("Approximate" if approximate else "Phone only", "hidden")

    @admin.display(description="Listed")
    def kept(self, site: Site) -> str:
        """Whether anyone may find it, in words."""
        if site.retired_at is None:
            return "Yes"
        return f"Retired {site.retired_at:%Y-%m-%d %H:%M} UTC: on no list"

    @admin.display(description="Sources")
    def records(self, site: Site) -> str:
        """What feeds said of it."""
        rows = site.source_records.select_related("source").defer("content", "reading")
        return format_html_join("", "{}<br>", ((link_to(row),) for row in rows)) or NOTHING

    def save_model(
        self,
        request: HttpRequest,
        obj: Site,
        form: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Store it; what follows from its place follows."""
        sign(request)
        if not change:
            add_site(site=obj)
            return
        changes, others = changes_of(form)
        if others:
            edit_site(site_id=obj.pk, changes=others)
        applied = edit(request, obj, changes).applied
        if applied.get("visibility") == Visibility.PUBLIC:
            messages.warning(request, "Anyone sees this site’s exact point and address now.")

    def save_formset(
        self,
        request: HttpRequest,
        form: Any,
        formset: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Store phones and services by the fields that changed."""
        save_parts(request, formset)


def site_summary(site: Site) -> str:
    """A site in two lines: its name as a link, and who runs it where."""
    where = ", ".join(part for part in (site.city, site.region) if part)
    return format_html("{}<br>{} · {}", link_to(site), site.organization, where)
