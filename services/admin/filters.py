"""Filters of lists."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone


class Listed(admin.SimpleListFilter):
    """Whether anyone may find it."""

    title = "listed"
    parameter_name = "listed"

    def lookups(self, request: HttpRequest, admin: Any) -> list[tuple[str, str]]:
        """What can be chosen."""
        return [("yes", "Listed"), ("no", "Retired")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        """The rows chosen."""
        if self.value() in ("yes", "no"):
            return queryset.filter(retired_at__isnull=self.value() == "yes")
        return None


class Vanished(admin.SimpleListFilter):
    """Whether the feed's last file still had the record."""

    title = "in the feed"
    parameter_name = "vanished"

    def lookups(self, request: HttpRequest, admin: Any) -> list[tuple[str, str]]:
        """What can be chosen."""
        return [("no", "Still there"), ("yes", "Vanished")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        """The rows chosen."""
        if self.value() in ("yes", "no"):
            return queryset.filter(vanished_at__isnull=self.value() == "no")
        return None


class Freshness(admin.SimpleListFilter):
    """Whether the latest word on availability still stands."""

    title = "latest word"
    parameter_name = "word"

    def lookups(self, request: HttpRequest, admin: Any) -> list[tuple[str, str]]:
        """What can be chosen."""
        return [("stands", "Still stands"), ("expired", "Expired"), ("never", "Never reported")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        """The rows chosen."""
        now = timezone.now()
        chosen: dict[str | None, dict[str, Any]] = {
            "stands": {"expires_at__gt": now},
            "expired": {"expires_at__lte": now},
            "never": {"expires_at__isnull": True},
        }
        value = self.value()
        return queryset.filter(**chosen[value]) if value in chosen else None
