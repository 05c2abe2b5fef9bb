"""Organizations."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from services.admin.closing import ClosingAdmin
from services.admin.forms import OrganizationForm
from services.admin.listings import sign
from services.admin.scope import OwnValues
from services.admin.shown import link_to_list
from services.models import Organization, Site
from services.past import ORGANIZATION_ROWS


@admin.register(Organization)
class OrganizationAdmin(ClosingAdmin[Organization]):
    """Who runs sites. One that runs none can be deleted."""

    form = OrganizationForm
    list_display = ("name", "region", "country", "website", "listed_sites")
    list_filter = ("country", ("region", OwnValues))
    search_fields = ("name", "website")
    search_help_text = "Name or website"
    ordering = ("name", "pk")
    list_per_page = 50
    show_full_result_count = False
    fields = ("name", "region", "country", "website", "sites_link", "created_at")
    readonly_fields = ("sites_link", "created_at")
    history_of = ORGANIZATION_ROWS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        """With the number of listed sites."""
        listed = Count("sites", filter=Q(sites__retired_at=None))
        return super().get_queryset(request).annotate(listed_count=listed)

    @admin.display(description="Listed sites", ordering="listed_count")
    def listed_sites(self, organization: Any) -> int:
        """How many of its sites are listed."""
        return int(organization.listed_count)

    @admin.display(description="Sites")
    def sites_link(self, organization: Any) -> str:
        """Its sites."""
        label = f"{organization.listed_count} listed; show all"
        return link_to_list(Site, label, organization__id__exact=organization.pk)

    def has_delete_permission(self, request: HttpRequest, obj: Organization | None = None) -> bool:
        """Only one without a site can go."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and obj is not None and not obj.sites.exists()

    def save_model(
        self,
        request: HttpRequest,
        obj: Organization,
        form: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Write the fields that changed."""
        sign(request)
        obj.save(update_fields=form.changed_data if change else None)
