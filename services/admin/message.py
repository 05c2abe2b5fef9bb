"""Messages: what was sent to whom and when, and what could not be. Never what they say."""

from django.contrib import admin

from services.admin.readonly import ReadOnly
from services.models import Message


@admin.register(Message)
class MessageAdmin(ReadOnly, admin.ModelAdmin[Message]):
    """The outbox, for moderators. What a message says may let its bearer in: it is not shown."""

    list_display = ("made_at", "purpose", "recipient", "subject", "due_at", "attempts", "sent_at")
    list_filter = ("purpose", ("sent_at", admin.EmptyFieldListFilter))
    search_fields = ("=recipient",)
    search_help_text = "The whole address of a recipient"
    fields = (
        "purpose", "recipient", "subject", "made_at", "due_at", "expires_at", "attempts",
        "sent_at", "given_up_at",
    )  # fmt: skip
    list_per_page = 50
    show_full_result_count = False
