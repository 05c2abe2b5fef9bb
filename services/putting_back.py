"""Putting rows back as they were before a change set, one row and one field at a time.

Only what still stands as the change set left it is put back. Whatever somebody changed since is
left as it is and named.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ForeignKey, Model
from django.utils import timezone

from services.editing import DERIVED_OF_SITE, EditRefusedError, place_site
from services.models import Hours, HoursException, Organization, Phone, Service, Site
from services.past import CLOSED, WORD, Version, fields_of

MODELS: dict[str, type[Model]] = {
    "organization": Organization,
    "site": Site,
    "phone": Phone,
    "service": Service,
    "hours": Hours,
    "hours_exception": HoursException,
}
PARTS = {"phone": "site", "hours": "service", "hours_exception": "service"}
RETIRED = {"site", "service"}  # others refer to them for ever: what was added is taken off lists
ORDER = list(MODELS)
PLACE = {"location", "displaced_location", "delivery", "visibility", "region", "time_zone"}

CHANGED_SINCE = "changed_since"
GONE = "gone"
CONTRADICTS = "contradicts"  # it does not go with what stands there now


@dataclass(frozen=True, slots=True)
class Part:
    """A field of a row, or the whole row if ``field`` is None; of what was skipped, why."""

    of: str
    id: str
    field: str | None = None
    why: str | None = None

    def __str__(self) -> str:
        words = f"{self.of} {self.field}" if self.field else self.of
        return words.replace("_", " ")


@dataclass(slots=True)
class Result:
    """What a revert put back, and what it left as it is."""

    reverted: list[Part] = field(default_factory=list)
    skipped: list[Part] = field(default_factory=list)


def steps(versions: Iterable[Version]) -> list[Version]:
    """Versions in the order in which they are put back.

    What was added goes first, then listings come back, fields, and parts come back last.
    """

    def place(version: Version) -> tuple[int, int]:
        order = ORDER.index(version.of)
        if version.before is None:
            return 0, -order
        if version.after is None:
            return (3 if version.of in PARTS else 1), order
        return 2, order

    return sorted(versions, key=place)


def put_back(version: Version, result: Result) -> None:
    """Put one row back, and tell it in the result. The listing is locked."""
    model: Any = MODELS[version.of]
    row = model._default_manager.filter(pk=version.pk).first()
    if version.before is None:
        if row is not None and version.after is not None:
            _take_away(version, row, result)
    elif version.after is None:
        if row is None:
            _add_again(version, result)
    elif row is None:
        _skip(result, version, GONE, [name for name, _, _ in _own(version)])
    else:
        _set_back(version, row, result)


def _take_away(version: Version, row: Any, result: Result) -> None:
    """What was added goes: a part is deleted, a site or service retired, an organization stays."""
    if version.of in RETIRED:
        if row.retired_at is None:
            row.retired_at = timezone.now()
            row.save(update_fields=["retired_at", "updated_at"])
            result.reverted.append(_part(version))
    elif version.of in PARTS and fields_of(row) == version.after:
        row.delete()
        result.reverted.append(_part(version))
    else:
        _skip(result, version, CHANGED_SINCE, [None])


def _add_again(version: Version, result: Result) -> None:
    model: Any = MODELS[version.of]
    row = model(pk=version.pk)
    for name, value in (version.before or {}).items():
        _set(row, name, value)
    if _saved(row, force_insert=True):
        result.reverted.append(_part(version))
    else:
        _skip(result, version, CONTRADICTS, [None])


def _set_back(version: Version, row: Any, result: Result) -> None:
    now, names, changed = fields_of(row), [], []
    for name, before, after in _own(version):
        if now.get(name) == before:
            continue
        if now.get(name) != after:
            changed.append(name)
            continue
        _set(row, name, before)
        names.append(name)
    _skip(result, version, CHANGED_SINCE, changed)
    if not names:
        return
    columns = {name.partition(".")[0] for name in names}
    if _saved(row, columns=columns):
        result.reverted += [_part(version, name) for name in names]
    else:
        _skip(result, version, CONTRADICTS, names)


def _own(version: Version) -> list[tuple[str, Any, Any]]:
    """The fields that people edit: not the word on availability, nor closings."""
    return [one for one in version.changes() if one[0] not in WORD | CLOSED]


def _set(row: Any, name: str, value: Any) -> None:
    column, _, fact = name.partition(".")
    if fact:
        facts = {key: answer for key, answer in row.access.items() if key != fact}
        row.access = facts if value is None else facts | {fact: value}
    else:
        setattr(row, row._meta.get_field(column).attname, value)


def _saved(row: Any, *, columns: set[str] | None = None, force_insert: bool = False) -> bool:
    """Whether the row could be saved: it must be true together with what stands there now."""
    try:
        with transaction.atomic():
            if isinstance(row, Site) and columns and columns & PLACE:
                place_site(row)
                columns |= set(DERIVED_OF_SITE)
            if not _parents_stand(row):
                return False
            if columns and hasattr(row, "updated_at"):
                columns |= {"updated_at"}
            row.save(update_fields=columns, force_insert=force_insert)
    except (EditRefusedError, IntegrityError):
        return False
    return True


def _parents_stand(row: Model) -> bool:
    return all(
        one.related_model._default_manager.filter(pk=getattr(row, one.attname)).exists()
        for one in row._meta.concrete_fields
        if isinstance(one, ForeignKey)
    )


def _part(version: Version, name: str | None = None, why: str | None = None) -> Part:
    return Part(version.of, str(version.pk), name, why)


def _skip(result: Result, version: Version, why: str, names: Iterable[str | None]) -> None:
    result.skipped += [_part(version, name, why) for name in names]
