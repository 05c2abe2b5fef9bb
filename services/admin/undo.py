"""Undoing everything one account did since a moment: asked for once more, then told in numbers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from services.admin.one_click import MINUTES, TYPED
from services.admin.scope import account_of, moderates
from services.admin.shown import ADMIN_CSS
from services.models import User
from services.undoing import Undone, UndoRefusedError, undo_account


class UndoForm(forms.Form):
    """From when on. The history's pages tell the same clock."""

    since = forms.DateTimeField(
        label="Since (UTC, as the History pages say it)",
        input_formats=TYPED,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MINUTES),
        error_messages={
            "required": "Choose the day and time from which on everything is undone.",
            "invalid": "Choose a day and time, such as 2026-11-24 08:00.",
        },
    )


class UndoAdmin(admin.ModelAdmin[User]):
    """The account's admin, with a page that undoes what an account did, for moderators."""

    def get_urls(self) -> list[URLPattern]:
        """The page has its own address."""
        view = self.admin_site.admin_view(self.undo_view)
        return [path("<int:pk>/undo/", view, name="services_user_undo"), *super().get_urls()]

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks from when on; by POST it undoes and says what came of it."""
        if not moderates(request):
            raise PermissionDenied
        account = get_object_or_404(self.get_queryset(request), pk=pk)
        done, form = None, UndoForm()
        if request.method == "POST":
            with timezone.override("UTC"):
                form = UndoForm(request.POST)
                done = _undone(request, account, form) if form.is_valid() else None
        context = {
            **self.admin_site.each_context(request),
            "title": "Undo what an account did",
            "subtitle": str(account),
            "opts": self.opts,
            "account": account,
            "form": form,
            "done": done,
            "left": sorted({f"{part} ({part.why})" for part in done.skipped}) if done else [],
            "admin_css": ADMIN_CSS,
        }
        return TemplateResponse(request, "services/undo.html", context)


def _undone(request: HttpRequest, account: User, form: UndoForm) -> Undone | None:
    since: Any = form.cleaned_data["since"]
    try:
        return undo_account(account=account, since=since, by=account_of(request))
    except UndoRefusedError as refusal:
        form.add_error(refusal.field, str(refusal))
    return None
