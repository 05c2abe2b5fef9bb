"""Messages: what was sent to whom and when, and what could not be. Never what they say."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from services.admin.readonly import ReadOnly
from services.admin.shown import ADMIN_CSS, badge
from services.models import Message


class State(admin.SimpleListFilter):
    """What became of it."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """See Django."""
        return [("waiting", "Waiting"), ("sent", "Sent"), ("given_up", "Given up")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        """See Django."""
        if self.value() == "waiting":
            return queryset.filter(sent_at=None, given_up_at=None)
        if self.value() in {"sent", "given_up"}:
            return queryset.filter(**{f"{self.value()}_at__isnull": False})
        return queryset


@admin.register(Message)
class MessageAdmin(ReadOnly, admin.ModelAdmin[Message]):
    """The outbox, for moderators. What a message says may let its bearer in: it is not shown."""

    class Media:
        css = {"all": (ADMIN_CSS,)}  # noqa: RUF012 - how Django spells it

    list_display = ("made_at", "purpose", "recipient", "state", "attempts")
    list_filter = (State, "purpose")
    search_fields = ("=recipient",)
    search_help_text = "The whole address of a recipient"
    fields = (
        "purpose", "recipient", "subject", "made_at", "due_at", "expires_at", "attempts",
        "sent_at", "given_up_at",
    )  # fmt: skip
    list_per_page = 50
    show_full_result_count = False

    @admin.display(description="State")
    def state(self, message: Message) -> SafeString:
        """What became of it, coloured."""
        if message.sent_at:
            return badge("Sent", "good")
        if message.given_up_at:
            return badge("Given up", "bad")
        return badge("Tried, waiting" if message.attempts else "Waiting", "fair")
