"""Packs that phones take with them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from services.admin.readonly import ReadOnly
from services.models import Pack


@admin.register(Pack)
class PackAdmin(ReadOnly, admin.ModelAdmin[Pack]):
    """How large they are and how old. Built by a worker, or by ``./manage.py build_packs``."""

    list_display = ("region", "language", "services", "bytes_gzip", "built_at", "day")
    list_filter = ("language",)
    search_fields = ("region", "name")
    list_per_page = 100
    exclude = ("body",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pack]:
        """Without the bodies: nobody reads them here."""
        return super().get_queryset(request).defer("body")
