"""The history of listings as the database wrote it: every change, by whatever way it came.

A *version* is what one change set did to one row: how it stood before, and after. What changed is
told field by field; an access fact is a field of its own, ``access.walk_in``.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Model, OuterRef, Subquery

from services.models import User

# What is no part of a listing: keys, when a row was written, and the numbers behind a chance.
QUIET = {"id", "created_at", "updated_at"} | {
    "evidence_for",
    "evidence_against",
    "evidence_at",
    "long_run_chance",
}
# The word on availability: reports are its history, nobody edits or reverts it.
WORD = {
    *("state", "remaining", "wait_days", "note", "as_of", "expires_at", "reported_by"),
    "disputed",
}
CLOSED = {"closed_at", "closed_until", "closed_by"}

# Whose rows they are, by the name that the history tells: the model, and what holds a listing's id.
SERVICE_ROWS = (
    ("service", "ServiceEvent", "pgh_obj_id"),
    ("hours", "HoursEvent", "service_id"),
    ("hours_exception", "HoursExceptionEvent", "service_id"),
)
SITE_ROWS = (("site", "SiteEvent", "pgh_obj_id"), ("phone", "PhoneEvent", "site_id"))
ORGANIZATION_ROWS = (("organization", "OrganizationEvent", "pgh_obj_id"),)
ALL_ROWS = (*ORGANIZATION_ROWS, *SITE_ROWS, *SERVICE_ROWS)
Rows = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who made a change set.

    Attributes:
        id: the change set; None if nobody signed, as with a statement typed into the database.
        role: in which the account acted; ``feed``, or ``operator`` for what came by neither way.
        account: primary key of the account; None without one.
    """

    id: uuid.UUID | None
    role: str
    account: int | None
    notes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """What one change set did to one row.

    Attributes:
        of: what the row is: ``service``, ``hours`` …
        pk: the row's own key.
        before, after: the row by field; None before it was added, and after it was deleted.
    """

    of: str
    pk: Any
    at: dt.datetime
    by: Signature
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    def changes(self) -> Iterator[tuple[str, Any, Any]]:
        """The fields that changed, each with its value before and after."""
        before, after = self.before or {}, self.after or {}
        for name in after or before:
            one, other = before.get(name), after.get(name)
            if one != other and not (is_empty(one) and is_empty(other)):
                yield name, one, other
        yield from ((name, before[name], None) for name in before if after and name not in after)


@dataclass(slots=True)
class ChangeSet:
    """What one transaction changed of a listing and its parts."""

    at: dt.datetime
    by: Signature
    versions: list[Version] = field(default_factory=list)


def is_empty(value: Any) -> bool:
    """Whether a value says nothing."""
    return value is None or value in ("", [], {})


def change_sets(rows: Rows, pk: Any) -> list[ChangeSet]:
    """What happened to a listing and its parts, newest first, one entry a transaction."""
    found: dict[Any, ChangeSet] = {}
    for version in versions_of(rows, pk):
        key = version.by.id or version.at
        found.setdefault(key, ChangeSet(version.at, version.by)).versions.append(version)
    return sorted(found.values(), key=place_of, reverse=True)


def place_of(one: ChangeSet) -> tuple[dt.datetime, int]:
    """Where a change set stands among others: by time, and in one moment by id."""
    return one.at, one.by.id.int if one.by.id else 0


def versions_of(rows: Rows, pk: Any) -> list[Version]:
    """All versions of a listing and its parts, oldest first by row."""
    found: list[Version] = []
    for of, model_name, key in rows:
        events = _events(model_name).filter(**{key: pk}).select_related("pgh_context")
        found += _versions(of, events.order_by("pgh_obj_id", "pgh_id"), {})
    return found


def versions_in(change_set: uuid.UUID) -> list[Version]:
    """What one change set did to any row."""
    found: list[Version] = []
    for of, model_name, _key in ALL_ROWS:
        objects = _events(model_name)
        earlier = objects.filter(
            pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id")
        ).order_by("-pgh_id")
        events = (
            objects.filter(pgh_context=change_set)
            .select_related("pgh_context")
            .annotate(earlier=Subquery(earlier.values("pgh_id")[:1]))
        )
        mine = list(events.order_by("pgh_obj_id", "pgh_id"))
        before = objects.in_bulk([event.earlier for event in mine if event.earlier])
        found += _versions(of, mine, {event.pgh_id: before.get(event.earlier) for event in mine})
    return found


def changed_by(rows: Rows, *, pk: uuid.UUID, change_set: uuid.UUID) -> bool:
    """Whether a change set changed a listing or its parts."""
    return any(
        _events(model_name).filter(**{key: pk}, pgh_context=change_set).exists()
        for _of, model_name, key in rows
    )


def usernames(sets: Iterable[Signature]) -> dict[int, str]:
    """The names of the accounts that signed."""
    wanted = {by.account for by in sets if by.account is not None}
    if not wanted:
        return {}
    return dict(User.objects.filter(pk__in=wanted).values_list("pk", "username"))


def _events(model_name: str) -> Any:
    model: Any = apps.get_model("services", model_name)
    return model.objects


def _versions(of: str, events: Iterable[Any], earlier: dict[int, Any]) -> Iterator[Version]:
    """Versions of events in order of row and time: those of one change set come together."""
    group: list[Any] = []
    before: Any = None
    for event in [*events, None]:
        if group and (event is None or _key(event) != _key(group[-1])):
            yield _version(of, group, before)
            same = event is not None and event.pgh_obj_id == group[-1].pgh_obj_id
            before, group = (group[-1] if same else None), []
        if event is not None:
            before = before if group or before is not None else earlier.get(event.pgh_id)
            group.append(event)


def _key(event: Any) -> Any:
    return event.pgh_obj_id, event.pgh_context_id or event.pgh_created_at


def _version(of: str, group: list[Any], before: Any) -> Version:
    last = group[-1]
    return Version(
        of=of,
        pk=last.pgh_obj_id,
        at=group[0].pgh_created_at,
        by=_signature(last),
        before=_stood(before),
        after=_stood(last),
    )


def _stood(event: Any) -> dict[str, Any] | None:
    return None if event is None or event.pgh_label == "delete" else fields_of(event)


def fields_of(row: Model) -> dict[str, Any]:
    """A row or an event by field, without its keys."""
    found: dict[str, Any] = {}
    for one in row._meta.concrete_fields:
        if one.name.startswith("pgh_") or one.name in QUIET:
            continue
        value = getattr(row, one.attname)
        if one.name == "access":
            found |= {f"access.{fact}": answer for fact, answer in value.items()}
        else:
            found[one.name] = value
    return found


def _signature(event: Any) -> Signature:
    context = event.pgh_context
    notes = context.metadata if context else {}
    role = notes.get("role") or ("feed" if "source" in notes else "operator")
    return Signature(event.pgh_context_id, role, notes.get("account"), notes)
