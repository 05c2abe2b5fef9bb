"""What the screens of sites and services share: retiring, changed fields only, signed history."""

from typing import Any, TypeVar

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest

from services.admin.history import HistoryAdmin
from services.admin.scope import moderates
from services.closing import close_newcomers
from services.editing import list_again, retire
from services.history import sign_history
from services.models import Service, User

M = TypeVar("M", bound=Model)


def sign(request: HttpRequest) -> None:
    """Let the history name who is signed in for what this request changes."""
    if isinstance(request.user, User):
        sign_history(request.user)


def save_parts(request: HttpRequest, formset: BaseModelFormSet[Any, Any]) -> None:
    """Save an inline's rows: new ones whole, changed ones by the fields that changed."""
    sign(request)
    formset.save(commit=False)
    for row in formset.deleted_objects:
        row.delete()
    for row, changed in formset.changed_objects:
        row.save(update_fields=changed)
    for row in formset.new_objects:
        row.save()
    close_newcomers({row.site_id for row in formset.new_objects if isinstance(row, Service)})
    formset.save_m2m()


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
        """Retire the rows chosen."""
        with transaction.atomic():
            sign(request)
            done = sum(retire(model=queryset.model, pk=row.pk) for row in queryset)
        messages.success(request, f"{done} retired. Nothing was deleted; list again to undo.")

    @admin.action(description="List again", permissions=["change"])
    def list_chosen_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Put the rows chosen back on the lists."""
        with transaction.atomic():
            sign(request)
            done = sum(list_again(model=queryset.model, pk=row.pk) for row in queryset)
        messages.success(request, f"{done} listed again.")


def changes_of(form: ModelForm[Any]) -> dict[str, Any]:
    """The fields of a form that changed, with their values."""
    return {name: getattr(form.instance, name) for name in form.changed_data}
