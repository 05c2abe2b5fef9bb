"""The change log."""

from django.contrib import admin

from services.admin.readonly import ReadOnly
from services.models import Change


@admin.register(Change)
class ChangeAdmin(ReadOnly, admin.ModelAdmin[Change]):
    """What the search index and phones follow. Written by triggers."""

    list_display = ("id", "changed_at", "entity", "entity_id", "region", "deleted")
    list_filter = ("entity", "deleted")
    search_fields = ("=entity_id",)
    search_help_text = "The id of an organization, site or service"
    date_hierarchy = "changed_at"
    ordering = ("-id",)
    list_per_page = 100
    show_full_result_count = False
