"""Whose rows a screen shows: those the account may edit. The rules say what it may do with them.

A foreign row is not found, as if it were none: lists, counts, filters' choices, autocompletes,
histories and popups all start from ``get_queryset``.
"""

from typing import Any, TypeVar, cast

from django.contrib import admin
from django.db.models import Field, ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest
from rules.contrib.admin import ObjectPermissionsModelAdminMixin

from services.models import User

M = TypeVar("M", bound=Model)


def account_of(request: HttpRequest) -> User:
    """Who is signed in: the admin lets nobody else in."""
    return cast("User", request.user)


def moderates(request: HttpRequest) -> bool:
    """Whether every listing is theirs to mend."""
    return isinstance(request.user, User) and request.user.moderates


class ScopedAdmin(ObjectPermissionsModelAdminMixin, admin.ModelAdmin[M]):  # type: ignore[misc]  # of rules
    """Shows an account what it may edit; fields that name another row offer no others."""

    shows = "editable_by"  # the sentence of the model's queryset that says whose rows are whose

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        """The rows the account may edit, or see."""
        told = getattr(super().get_queryset(request), self.shows)
        return cast("QuerySet[M]", told(account_of(request)))

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        """A field that offers, and takes, rows the account may edit."""
        offered = db_field.remote_field.model._default_manager.all()
        if hasattr(offered, "editable_by"):
            kwargs["queryset"] = offered.editable_by(account_of(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class OwnValues(admin.AllValuesFieldListFilter):
    """Offers the values that the rows of the list have, and no others."""

    def __init__(  # noqa: PLR0917 - as Django calls it
        self,
        field: Field[Any, Any],
        request: HttpRequest,
        params: dict[str, Any],
        model: type[Model],
        model_admin: admin.ModelAdmin[Any],
        field_path: str,
    ) -> None:
        super().__init__(field, request, params, model, model_admin, field_path)
        rows = model_admin.get_queryset(request).order_by(field_path)
        self.lookup_choices = rows.values_list(field_path, flat=True).distinct()
