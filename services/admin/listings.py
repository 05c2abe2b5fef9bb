"""What the screens of sites and services share: retiring, signed history."""

from typing import Any, TypeVar

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from services.admin.history import HistoryAdmin
from services.admin.parts import edit
from services.admin.scope import moderates
from services.editing import EditRefusedError
from services.history import sign_history
from services.models import User

M = TypeVar("M", bound=Model)


def sign(request: HttpRequest) -> None:
    """Let the history name who is signed in for what this request changes."""
    if isinstance(request.user, User):
        sign_history(request.user)


class ListingAdmin(HistoryAdmin[M]):
    """The admin of sites or services: they are retired and listed again, never deleted."""

    actions = ("retire_chosen", "list_chosen_again")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What feeds said verbatim is for moderators."""
        groups = super().get_fieldsets(request, obj)
        if moderates(request):
            return groups
        return [
            (title, said | {"fields": tuple(one for one in said["fields"] if one != "records")})
            for title, said in groups
        ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Reports and feeds refer to it for ever: retire it."""
        return False

    @admin.action(description="Retire: take off every list", permissions=["change"])
    def retire_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Retire the rows chosen; those of clinic staff wait for a second person."""
        done = self._list(request, queryset, listed=False)
        messages.success(request, f"{done} retired. Nothing was deleted; list again to undo.")

    @admin.action(description="List again", permissions=["change"])
    def list_chosen_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Put the rows chosen back on the lists."""
        done = self._list(request, queryset, listed=True)
        messages.success(request, f"{done} listed again.")

    def _list(self, request: HttpRequest, queryset: QuerySet[Any], *, listed: bool) -> int:
        """Retire rows or list them again; returns how many became so at once."""
        with transaction.atomic():
            return sum(
                "listed" in edit(request, row, {"listed": listed}).applied for row in queryset
            )

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page; an edit that somebody else's edit made impossible meanwhile is named."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except EditRefusedError as refusal:
            messages.error(request, f"Nothing was saved. {refusal.field}: {refusal}")
            return HttpResponseRedirect(request.path)
