"""The “History” page: what the database kept of a listing, and a button that puts a change back."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, URLField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from services.admin.scope import ScopedAdmin, account_of
from services.holding import DangerousRevertError
from services.past import WORD, ChangeSet, Rows, Version, change_sets, usernames
from services.reverting import ChangeSetUnknownError, revert_of

SHOWN = 200  # newest change sets; older ones stay in the database
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Past:
    """One change set as the page shows it.

    Attributes:
        rows: (what was done to which row, its fields with their texts before and after).
        goes_back: whether there is something to put back: reports are taken back instead.
    """

    id: uuid.UUID | None
    at: dt.datetime
    by: str
    role: str
    rows: list[tuple[str, list[tuple[str, str, str]]]]
    goes_back: bool


def past_of(rows: Rows, pk: Any) -> list[Past]:
    """What happened to a row and its parts, newest first."""
    sets = change_sets(rows, pk)[:SHOWN]
    names = usernames([one.by for one in sets])
    return [_shown(one, names) for one in sets]


def _shown(one: ChangeSet, names: dict[int, str]) -> Past:
    told = [(_done(version), list(_fields(version))) for version in one.versions]
    return Past(
        id=one.by.id,
        at=one.at,
        by=names.get(one.by.account or 0, ""),
        role=one.by.role.replace("_", " "),
        rows=[(what, fields) for what, fields in told if fields or not what.endswith("changed")],
        goes_back=one.by.id is not None and any(_goes_back(version) for version in one.versions),
    )


def _goes_back(version: Version) -> bool:
    whole = version.before is None or version.after is None
    return whole or any(name not in WORD for name, _, _ in version.changes())


def _done(version: Version) -> str:
    done = "changed" if version.before and version.after else "added"
    return f"{version.of.replace('_', ' ')} {done if version.after else 'deleted'}"


def _fields(version: Version) -> Iterator[tuple[str, str, str]]:
    if version.after is not None:
        for name, before, after in version.changes():
            yield name.replace("_", " "), text_of(before), text_of(after)


def text_of(value: Any) -> str:
    """A value to read."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if hasattr(value, "coords"):
        return f"{value.y:.5f}, {value.x:.5f}"
    return str(value)


class HistoryAdmin(ScopedAdmin[M]):
    """An admin whose “History” page shows what the database wrote, above the admin's own log."""

    formfield_overrides = {URLField: {"assume_scheme": "https"}}  # noqa: RUF012 - Django's way
    object_history_template = "services/history.html"
    history_of: Rows = ()

    def get_urls(self) -> list[URLPattern]:
        """The button of the history has its own address."""
        name = f"services_{self.opts.model_name}_revert"
        view = self.admin_site.admin_view(self.revert_view)
        pattern = "<path:object_id>/history/<uuid:change>/revert/"
        return [path(pattern, view, name=name), *super().get_urls()]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page."""
        # Read by the template: after the row was found and the permission checked.
        context = {
            "past": lambda: past_of(self.history_of, object_id),
            "past_shown": SHOWN,
            "revert_url": f"admin:services_{self.opts.model_name}_revert",
        }
        return super().history_view(request, object_id, context | (extra_context or {}))

    def revert_view(self, request: HttpRequest, object_id: str, change: uuid.UUID) -> HttpResponse:
        """Puts one change set back, and says what was left as it is."""
        row = self.get_object(request, object_id)
        if row is None or request.method != "POST":
            raise Http404
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        back = reverse(f"admin:services_{self.opts.model_name}_history", args=[row.pk])
        try:
            by = account_of(request)
            done = revert_of(self.history_of, pk=row.pk, change_set=change, by=by)
        except ChangeSetUnknownError:
            raise Http404 from None
        except PermissionDenied:
            messages.error(request, "This changed other organizations too: ask a moderator.")
            return HttpResponseRedirect(back)
        except DangerousRevertError:
            messages.error(request, "This needs a second person: edit it, or ask a moderator.")
            return HttpResponseRedirect(back)
        if done.reverted:
            messages.success(request, f"{len(done.reverted)} put back as it was before.")
        else:
            messages.info(request, "There was nothing left to put back.")
        if done.skipped:
            left = ", ".join(sorted({str(one) for one in done.skipped}))
            messages.warning(request, f"Left as it is, because it changed since: {left}.")
        return HttpResponseRedirect(back)
