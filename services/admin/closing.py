"""On the page of an organization, a site or a service: close it for a time, open it again.

Both are plain forms beside the page's own. To look at their addresses changes nothing.
"""

import uuid
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from services.admin.clinic_groups import ClosingRow
from services.admin.clock_words import tomorrow_morning
from services.admin.history import HistoryAdmin
from services.admin.one_click import CloseForm, time_zone_of
from services.admin.scope import account_of
from services.admin.shown import local_time
from services.closing import (
    Claim,
    Closable,
    ClosingConflictError,
    ClosingRefusedError,
    close_as,
    reopen_as,
)
from services.models import Closing, Organization, Service, Site

M = TypeVar("M", Organization, Site, Service)
ONCE = "This form was sent before with something else. Look below what is closed, then send again."
RETIRED = "It is retired, so nobody finds it: list it again before you close it for a time."


@dataclass
class ClosingBox:
    """What the box of a page says of closings.

    Attributes:
        closed_until, reason: what the inputs hold.
        errors: what is to be mended of them.
        id: of a closing made with this page.
    """

    zone: str
    closings: list[ClosingRow]
    closed_until: str
    reason: str = ""
    errors: list[str] = field(default_factory=list)
    id: uuid.UUID = field(default_factory=uuid.uuid4)


def box_of(scope: Closable, form: CloseForm | None = None) -> ClosingBox:
    """The box of something, with what a refused form said."""
    zone = time_zone_of(scope)
    current = Closing.objects.current().about(scope)
    rows = current.select_related("organization", "site", "service__site")
    box = ClosingBox(
        zone=zone,
        closings=[ClosingRow(one, _zone_of(one, zone)) for one in rows],
        closed_until=tomorrow_morning(timezone.now(), zone),
    )
    if form is not None:
        box.closed_until = form.data.get("until", "")
        box.reason = form.data.get("reason", "")
        box.errors = [str(text) for texts in form.errors.values() for text in texts]
    return box


def _zone_of(closing: Closing, else_: str) -> str:
    part = closing.service or closing.site
    return time_zone_of(part) if part else else_


def is_retired(scope: Closable) -> bool:
    """Whether it is on no list."""
    if isinstance(scope, Service):
        return scope.retired_at is not None or scope.site.retired_at is not None
    return isinstance(scope, Site) and scope.retired_at is not None


class ClosingAdmin(HistoryAdmin[M]):
    """An admin whose pages close what they show, for whoever may edit it."""

    change_form_template = "services/closable.html"

    def get_urls(self) -> list[URLPattern]:
        """Both forms have their own addresses."""
        name, view = f"services_{self.opts.model_name}", self.admin_site.admin_view
        return [
            path("<uuid:pk>/close/", view(self.close_view), name=f"{name}_close"),
            path(
                "<uuid:pk>/closings/<uuid:closing>/open-again/",
                view(self.open_again_view),
                name=f"{name}_open_again",
            ),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Adds the closings in force and the form."""
        row = kwargs.get("obj")
        if row is not None:
            context |= self._box(row)
        return super().render_change_form(request, context, *args, **kwargs)

    def close_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Takes the form; shows it again with what is to be mended."""
        row = self._row(request, pk)
        with timezone.override(time_zone_of(row)):
            form = CloseForm(request.POST)
            closing = self._closed(request, row, form) if form.is_valid() else None
        if closing is None:
            return self._again(request, row, form)
        until = local_time(closing.until, time_zone_of(row))
        messages.success(request, f"Closed until {until}, then open again by itself: {row}.")
        return self._back(row)

    def open_again_view(
        self, request: HttpRequest, pk: uuid.UUID, closing: uuid.UUID
    ) -> HttpResponse:
        """Ends a closing before its time."""
        row = self._row(request, pk)
        try:
            Closing.objects.about(row).only("pk").get(pk=closing)
            reopen_as(closing_id=closing, account=account_of(request))
        except Closing.DoesNotExist:
            raise Http404 from None
        messages.success(request, "Open again. What another closing says still stands.")
        return self._back(row)

    def _row(self, request: HttpRequest, pk: uuid.UUID) -> M:
        row: M = get_object_or_404(self.get_queryset(request), pk=pk)
        if request.method != "POST" or not self.has_change_permission(request, row):
            raise PermissionDenied
        return row

    def _closed(self, request: HttpRequest, row: M, form: CloseForm) -> Closing | None:
        said = form.cleaned_data
        claim = Claim(id=said["id"], until=said["until"], reason=said["reason"])
        try:
            return close_as(scope=row, claim=claim, account=account_of(request))[0]
        except ClosingRefusedError as refusal:
            form.add_error(refusal.field, str(refusal))
        except ClosingConflictError:
            form.add_error(None, ONCE)
        except (Site.DoesNotExist, Service.DoesNotExist):
            form.add_error(None, RETIRED)
        return None

    def _box(self, row: M, form: CloseForm | None = None) -> dict[str, Any]:
        name = self.opts.model_name
        return {
            "closable": row,
            "closing_box": box_of(row, form),
            "closable_retired": is_retired(row),
            "close_url": reverse(f"admin:services_{name}_close", args=[row.pk]),
            "open_again_url": f"admin:services_{name}_open_again",
        }

    def _again(self, request: HttpRequest, row: M, form: CloseForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            **self._box(row, form),
            "opts": self.opts,
            "title": "Close for a time",
            "subtitle": str(row),
            "media": self.media,
        }
        return TemplateResponse(request, "services/close.html", context)

    def _back(self, row: M) -> HttpResponse:
        address = reverse(f"admin:services_{self.opts.model_name}_change", args=[row.pk])
        return HttpResponseRedirect(f"{address}#closings")
