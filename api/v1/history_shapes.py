"""The shapes of answers about history, for the OpenAPI document, and how changes are told."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from phonenumber_field.phonenumber import PhoneNumber
from rest_framework import serializers as s

from services.past import WORD, ChangeSet, Version, is_empty
from services.putting_back import Result
from services.undoing import Undone

Shape = s.Serializer[Any]

ROLES = ["clinic_staff", "clinic_admin", "outreach", "moderator", "feed", "operator"]
ROWS = ["organization", "site", "phone", "service", "hours", "hours_exception"]
ROWS_AND_CLOSINGS = [*ROWS, "closing"]

# Keys and what follows from others; of a closing, its end says all.
UNTOLD = WORD | {"service", "displaced_location", "closed_at", "closed_by"}
# What people wrote may be what should never have been public: only their clinic reads it here.
FREE_TEXT = {"name", "description", "verbatim", "reason"}


class ChangeShape(Shape):
    """One field of a listing or of its parts."""

    of = s.ChoiceField(choices=ROWS)
    row = s.CharField(
        allow_null=True, help_text="Which of several: a type of hours, days, a number"
    )
    field = s.CharField(help_text="`listed` tells that it was retired; `access.…` is one fact")
    before = s.JSONField(help_text="null if empty or withheld")
    after = s.JSONField(help_text="null if empty or withheld")
    withheld = s.BooleanField(
        required=False, help_text="true for texts, which only the clinic and moderators read here"
    )


class ChangeSetShape(Shape):
    """What was changed at once."""

    id = s.UUIDField(allow_null=True, help_text="null if nobody signed: it cannot be reverted")
    at = s.DateTimeField()
    by = s.ChoiceField(choices=ROLES, help_text="A role, never a person; operator runs the system")
    account = s.CharField(
        required=False,
        allow_null=True,
        help_text="Who it was: told to staff of the organization and to moderators alone",
    )
    changes = ChangeShape(many=True)


class HistoryPage(Shape):
    """A page of changes, newest first."""

    next = s.CharField(allow_null=True, help_text="The next page's path; follow it as it is")
    results = ChangeSetShape(many=True)


class RevertedPart(Shape):
    """A field, or a whole row."""

    of = s.ChoiceField(choices=ROWS_AND_CLOSINGS)
    id = s.CharField()
    field = s.CharField(allow_null=True, help_text="null for the whole row")


class SkippedPart(RevertedPart):
    """What was left as it is."""

    why = s.ChoiceField(
        choices=["changed_since", "gone", "contradicts"],
        help_text="`contradicts`: it does not go with what stands there now",
    )


class RevertAnswer(Shape):
    """What was put back, and what was left as it is."""

    reverted = RevertedPart(many=True)
    skipped = SkippedPart(many=True)


class UndoAnswer(RevertAnswer):
    """What came of undoing an account's acts."""

    change_sets = s.IntegerField(help_text="Changes put back, wholly or in part")
    closings = s.IntegerField(help_text="Closings ended")
    reports = s.IntegerField(help_text="Reports taken back")
    held = s.IntegerField(help_text="Waiting changes rejected")


class WithdrawnReport(Shape):
    """A report that was taken back."""

    id = s.UUIDField()
    service = s.UUIDField()
    withdrawn_at = s.DateTimeField()


def told_set(one: ChangeSet, names: dict[int, str] | None) -> dict[str, Any]:
    """A change set as it is told.

    Args:
        one: the change set.
        names: of accounts, by primary key; None for the public, which reads no texts either.
    """
    changes = [told for version in one.versions for told in _told(version, public=names is None)]
    told = {
        "id": str(one.by.id) if one.by.id else None,
        "at": one.at,
        "by": one.by.role,
        "changes": changes,
    }
    if names is not None:
        told["account"] = names.get(one.by.account or 0)
    return told


def tells_something(one: ChangeSet) -> bool:
    """Whether anything of a change set is told: of the word on availability, nothing is."""
    return any(next(_told(version, public=True), None) for version in one.versions)


def _told(version: Version, *, public: bool) -> Iterator[dict[str, Any]]:
    for name, before, after in version.changes():
        if name in UNTOLD or (version.of != "site" and name == "site"):
            continue
        told = {"of": version.of, "row": _row(version), "field": name}
        if name == "retired_at":
            listed = {"field": "listed", "before": version.before and before is None}
            yield told | listed | {"after": after is None}
        elif public and name in FREE_TEXT:
            yield told | {"before": None, "after": None, "withheld": True}
        else:
            yield told | {"before": _value(before), "after": _value(after)}


def _row(version: Version) -> str | None:
    """Which of several rows it is."""
    stood = version.after or version.before or {}
    if version.of == "hours":
        return str(stood["type"])
    if version.of == "hours_exception":
        return f"{stood['first_day']}/{stood['last_day']}"
    return str(stood["number"]) if version.of == "phone" else None


def _value(value: Any) -> Any:
    """A value as JSON has it; what is empty is null."""
    if is_empty(value) or isinstance(value, (bool, int, float, list, dict)):
        return None if is_empty(value) else value
    if hasattr(value, "coords"):
        return {"lat": value.y, "lon": value.x}
    if isinstance(value, PhoneNumber):
        return str(value)
    return value.isoformat() if isinstance(value, (dt.date, dt.datetime)) else str(value)


def told_result(result: Result | Undone) -> dict[str, Any]:
    """What a revert came to."""
    return {
        "reverted": [{"of": one.of, "id": one.id, "field": one.field} for one in result.reverted],
        "skipped": [
            {"of": one.of, "id": one.id, "field": one.field, "why": one.why}
            for one in result.skipped
        ],
    }
