"""Source records."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join

from services.admin.filters import Vanished
from services.admin.readonly import ReadOnly
from services.admin.shown import ADMIN_CSS, NOTHING, link_to, pretty_json
from services.models import SourceRecord


@admin.register(SourceRecord)
class SourceRecordAdmin(ReadOnly, admin.ModelAdmin[SourceRecord]):
    """What a feed said, verbatim, and what it became."""

    class Media:
        css = {"all": (ADMIN_CSS,)}  # noqa: RUF012 - how Django spells it

    list_display = ("key", "source", "site_name", "first_seen_at", "last_seen_at", "vanished_at")
    list_filter = (("source", admin.RelatedOnlyFieldListFilter), Vanished)
    list_select_related = ("source", "site")
    search_fields = ("key", "site__name")
    search_help_text = "The feed's key, or the name of the site"
    list_per_page = 50
    show_full_result_count = False
    fields = (
        "source", "key", "site_link", "service_links", "first_seen_at", "last_seen_at",
        "vanished_at", "content_shown", "reading_shown", "fingerprint",
    )  # fmt: skip
    readonly_fields = ("site_link", "service_links", "content_shown", "reading_shown")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SourceRecord]:
        """Without the verbatim content, which only one record's page needs."""
        return super().get_queryset(request).defer("content", "reading")

    @admin.display(description="Site", ordering="site__name")
    def site_name(self, record: SourceRecord) -> str:
        """The site it became."""
        return str(record.site)

    @admin.display(description="Site")
    def site_link(self, record: SourceRecord) -> str:
        """The site it became."""
        return link_to(record.site)

    @admin.display(description="Services it names")
    def service_links(self, record: SourceRecord) -> str:
        """The services that live by it."""
        services = record.services.select_related("site")
        return format_html_join("", "{}<br>", ((link_to(one),) for one in services)) or NOTHING

    @admin.display(description="As the feed gave it")
    def content_shown(self, record: SourceRecord) -> str:
        """The record, verbatim."""
        return pretty_json(record.content)

    @admin.display(description="What we understood")
    def reading_shown(self, record: SourceRecord) -> str:
        """The reading that listings are made from."""
        return pretty_json(record.reading)
