"""The history of a listing as the database wrote it: every change, by whatever way it came."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django.apps import apps
from django.db.models import Model, URLField
from django.http import HttpRequest, HttpResponse

from services.admin.scope import ScopedAdmin
from services.models import User

SHOWN = 200  # newest events; older ones stay in the database
M = TypeVar("M", bound=Model)
QUIET = {"id", "updated_at", "created_at", "evidence_for", "evidence_against", "evidence_at"}
DONE = {"insert": "added", "update": "changed", "delete": "deleted"}


@dataclass(frozen=True, slots=True)
class Past:
    """One change: of which row, and which fields became what.

    Attributes:
        changes: (field, before, after); before is empty for a new row.
    """

    at: dt.datetime
    what: str
    done: str
    by: str
    changes: list[tuple[str, str, str]]


def past_of(sources: tuple[tuple[str, str], ...], pk: Any) -> list[Past]:
    """What happened to a row and its parts, newest first.

    Args:
        sources: event models by name, each with the field that holds the row's id.
        pk: the row's id.
    """
    found: list[Past] = []
    for model, field in sources:
        found.extend(_read(model, field, pk))
    return sorted(found, key=lambda past: past.at, reverse=True)[:SHOWN]


def _read(model_name: str, field: str, pk: Any) -> Iterator[Past]:
    model: Any = apps.get_model("services", model_name)
    newest = model.objects.filter(**{field: pk}).select_related("pgh_context").order_by("-pgh_id")
    events = list(reversed(newest[: SHOWN + 1]))
    names = _usernames(events)
    before: dict[Any, Any] = {}
    what = model.pgh_tracked_model._meta.verbose_name
    for event in events:
        account = event.pgh_context.metadata.get("account") if event.pgh_context else None
        yield Past(
            at=event.pgh_created_at,
            what=what,
            done=DONE.get(event.pgh_label, event.pgh_label),
            by=names.get(account or 0, ""),
            changes=list(_differences(before.get(event.pgh_obj_id), event)),
        )
        before[event.pgh_obj_id] = event


def _usernames(events: list[Any]) -> dict[int, str]:
    wanted = {event.pgh_context.metadata.get("account") for event in events if event.pgh_context}
    found = User.objects.filter(pk__in=wanted - {None})
    return dict(found.values_list("pk", "username"))


def _differences(before: Any, after: Any) -> Iterator[tuple[str, str, str]]:
    if after.pgh_label == "delete":
        return
    for field in after._meta.fields:
        if field.name.startswith("pgh_") or field.name in QUIET or field.primary_key:
            continue
        old, new = getattr(before, field.attname, None), getattr(after, field.attname)
        if before is None and new in (None, "", [], {}):
            continue
        if old != new:
            yield str(field.verbose_name), _text(old), _text(new)


def _text(value: Any) -> str:
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
    history_of: tuple[tuple[str, str], ...] = ()

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page."""
        # Read by the template: after the row was found and the permission checked.
        context = {"past": lambda: past_of(self.history_of, object_id), "past_shown": SHOWN}
        return super().history_view(request, object_id, context | (extra_context or {}))
