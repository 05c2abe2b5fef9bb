"""Putting back what one change set changed, in one action.

Only what still stands as that change set left it is put back. Whatever somebody changed since is
left as it is and named: a revert loses nothing. It is signed as a change set of its own, so it can
be reverted in turn.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import ForeignKey, Model
from django.utils import timezone
from pghistory.models import Context

from services.closing import close_again, follow_closings_at, reopen
from services.content import content_of
from services.dangers import astray
from services.editing import DERIVED_OF_SITE, EditRefusedError, place_site
from services.history import sign_history, sign_operator
from services.holding import DangerousRevertError
from services.models import (
    Closing,
    Hours,
    HoursException,
    Organization,
    Phone,
    Service,
    Site,
    User,
)
from services.past import CLOSED, WORD, Rows, Version, changed_by, fields_of, versions_in

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


class ChangeSetUnknownError(LookupError):
    """No change set has this id."""


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


@transaction.atomic
def revert(*, change_set: uuid.UUID, by: User | None) -> Result:
    """Put back everything that one change set changed. Again, there is nothing left to do.

    Args:
        change_set: its id.
        by: who puts it back; None for whoever runs the system.

    Raises:
        ChangeSetUnknownError: there is none.
        PermissionDenied: it changed listings of other organizations.
        DangerousRevertError: it would move a site, change its phones, show more of it or retire
            something, and who asks is no second person.
    """
    versions = versions_in(change_set)
    if not versions:
        raise ChangeSetUnknownError
    owners = _locked(versions)
    if by is not None and not may_change(by, owners):
        raise PermissionDenied
    if by is None:
        sign_operator(reverts=str(change_set))
    else:
        owner = next(iter(owners)) if len(owners) == 1 else None
        sign_history(by, organization_id=owner, reverts=str(change_set))
    result = Result()
    known = _was_reverted(change_set)
    stood = {} if by is None or by.moderates else _stands(versions)
    for step in _steps(versions):
        _put_back(step, result)
    if any(astray(stood[key], content) for key, content in _stands(versions, stood).items()):
        raise DangerousRevertError
    if known:  # what differs is not what somebody changed since, but what the first revert left
        result.skipped = [one for one in result.skipped if one.why != CHANGED_SINCE]
    _closings(versions[0].by.notes, by, result)
    follow_closings_at([one.pk for one in versions if one.of == "site"])
    return result


def revert_of(rows: Rows, *, pk: uuid.UUID, change_set: uuid.UUID, by: User) -> Result:
    """The same for a change set in the history of one listing.

    Args:
        rows: the listing and its parts, of services.past.
        pk: the listing's id; the account may edit it.
        change_set: its id.
        by: who puts it back.

    Raises:
        ChangeSetUnknownError: it changed nothing there.
        PermissionDenied: it changed listings of other organizations, too.
    """
    if not changed_by(rows, pk=pk, change_set=change_set):
        raise ChangeSetUnknownError
    return revert(change_set=change_set, by=by)


def _stands(
    versions: list[Version], among: Iterable[tuple[str, Any]] | None = None
) -> dict[tuple[str, Any], dict[str, Any]]:
    """What the sites and services of a change set say now; or those among them."""
    keys = set(among) if among is not None else {_listing_of(one) for one in versions}
    found = {}
    for of, pk in keys:
        model: Any = MODELS[of]
        if of in RETIRED and (listing := model._default_manager.filter(pk=pk).first()):
            found[of, pk] = content_of(listing)
    return found


def _listing_of(version: Version) -> tuple[str, Any]:
    if version.of not in PARTS:
        return version.of, version.pk
    stood = version.after or version.before or {}
    return PARTS[version.of], stood.get(PARTS[version.of])


def may_change(account: User, owners: set[uuid.UUID]) -> bool:
    """Whether listings of all these organizations are theirs to change."""
    if account.moderates:
        return True
    mine = Organization.objects.editable_by(account).filter(pk__in=owners)
    return bool(owners) and set(mine.values_list("pk", flat=True)) == owners


def _was_reverted(change_set: uuid.UUID) -> bool:
    return Context.objects.filter(metadata__reverts__contains=[str(change_set)]).exists()


def _locked(versions: list[Version]) -> set[uuid.UUID]:
    """Lock the listings, in the order in which others do; returns whose they are."""
    ids: dict[str, set[Any]] = {name: set() for name in ("organization", "site", "service")}
    for version in versions:
        of, pk = _listing_of(version)
        ids[of].add(pk)
    for name, keys in ids.items():
        rows: Any = MODELS[name]._default_manager.filter(pk__in=keys - {None})
        list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
    of_sites = Site.objects.filter(pk__in=ids["site"]) | Site.objects.filter(
        services__in=ids["service"]
    )
    owners = ids["organization"] | set(of_sites.values_list("organization", flat=True))
    states = [state for one in versions if one.of == "site" for state in (one.before, one.after)]
    return owners | {state["organization"] for state in states if state}


def _steps(versions: Iterable[Version]) -> list[Version]:
    """What was added goes first, then listings come back, fields, and parts come back last."""

    def place(version: Version) -> tuple[int, int]:
        order = ORDER.index(version.of)
        if version.before is None:
            return 0, -order
        if version.after is None:
            return (3 if version.of in PARTS else 1), order
        return 2, order

    return sorted(versions, key=place)


def _put_back(version: Version, result: Result) -> None:
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


def _closings(notes: dict[str, Any], by: User | None, result: Result) -> None:
    """End what was closed, and close what was opened again before its time."""
    known = {
        str(pk)
        for pk in Closing.objects.filter(
            pk__in=[*notes.get("closing", []), *notes.get("reopened", [])]
        ).values_list("pk", flat=True)
    }
    for name, act in (("closing", _reopened), ("reopened", _closed_again)):
        for one in notes.get(name, []):
            if one in known and act(uuid.UUID(one), by):
                result.reverted.append(Part("closing", one))


def _reopened(pk: uuid.UUID, by: User | None) -> bool:
    return reopen(closing_id=pk, account=by)[1]


def _closed_again(pk: uuid.UUID, by: User | None) -> bool:
    return close_again(closing_id=pk, account=by)


def _part(version: Version, name: str | None = None, why: str | None = None) -> Part:
    return Part(version.of, str(version.pk), name, why)


def _skip(result: Result, version: Version, why: str, names: Iterable[str | None]) -> None:
    result.skipped += [_part(version, name, why) for name in names]
