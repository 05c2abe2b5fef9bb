"""Postal codes and cities."""

from typing import Any

from django.contrib import admin
from django.contrib.gis.db.models import PointField as ModelPointField
from django.db.models import Field
from django.forms import Field as FormField
from django.http import HttpRequest

from services.admin.fields import PointField
from services.models import Place


@admin.register(Place)
class PlaceAdmin(admin.ModelAdmin[Place]):
    """What search reads into memory; a change is seen when a process next loads its places."""

    list_display = ("name", "type", "region", "country", "population", "time_zone")
    list_filter = ("type", "country", ("region", admin.AllValuesFieldListFilter))
    search_fields = ("^name",)
    search_help_text = "The beginning of a postal code or of a city's name"
    list_per_page = 50
    show_full_result_count = False
    fields = ("type", "name", "region", "country", "location", "time_zone", "population")

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> FormField | None:
        """The point gets our own map."""
        if isinstance(db_field, ModelPointField):
            return PointField(label="Point")
        return super().formfield_for_dbfield(db_field, request, **kwargs)
