"""Sources."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from services.admin.shown import link_to_list
from services.models import ImportRun, Source, SourceRecord


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin[Source]):
    """Published feeds. The next import of a feed writes what it knows of it anew."""

    list_display = ("slug", "name", "publisher", "licence", "published")
    list_filter = ("publisher",)
    search_fields = ("slug", "name", "publisher")
    fields = ("slug", "name", "publisher", "licence", "attribution", "published", "kept")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The slug is the key: it is chosen once."""
        return ("slug", "kept") if obj else ("kept",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What came from a source keeps naming it."""
        return False

    @admin.display(description="What is kept of it")
    def kept(self, source: Source) -> str:
        """Its records and imports."""
        if source._state.adding:
            return "Nothing yet."
        records = link_to_list(SourceRecord, "Records", source__slug__exact=source.slug)
        return records + " · " + link_to_list(ImportRun, "Imports", source__slug__exact=source.slug)
