"""Screens that show and never change: what reports, feeds and triggers wrote stays as it is."""

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """For an admin or an inline: look, search and filter; add, change and delete nothing."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is added here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted here."""
        return False
