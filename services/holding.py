"""Dangerous changes wait for a second person, or a day. The old value is told meanwhile."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.utils import timezone

from services.content import Listing, content_of, differences, owner_of, stands_before
from services.dangers import APPROVED
from services.editing import EditRefusedError
from services.held_messages import tell_others
from services.history import role_of, sign_history
from services.models import HeldChange, Service, Site, User
from services.patching import real_changes, write_changes
from services.second_person import WAITS, is_second_person

# Why a change was rejected without anybody rejecting it; stands among its reasons.
REPLACED, OUTDATED, ASKER_GONE = "replaced", "outdated", "asker_gone"
REJECTED_BECAUSE = (REPLACED, OUTDATED, ASKER_GONE)


class SecondPersonNeededError(Exception):
    """Who asked for a change is no second person, nor who came just now; see second_person."""


class DangerousRevertError(Exception):
    """Putting this back could send people astray: a second person is needed for it."""


class AlreadyDecidedError(Exception):
    """The change was applied or rejected before."""


def hold(
    listing: Listing,
    content: Mapping[str, Any],
    changes: Mapping[str, Any],
    *,
    reasons: Sequence[str],
    account: User,
    now: dt.datetime,
) -> HeldChange:
    """Let changes wait. One of the same field of the same listing that waits is replaced.

    What the same account asked for together with that field stays asked for, if it goes with it.

    Args:
        listing: locked, in a transaction.
        content: what stands there.
        changes: in the form of a PATCH body.
        reasons: why they wait.
        account: who asks.
        now: aware.
    """
    carried, why = _replace_earlier(listing, changes, account, now)
    changes = _together(listing, content, carried, changes)
    owner = owner_of(listing)
    held = HeldChange.objects.create(
        organization_id=owner,
        site=listing if isinstance(listing, Site) else None,
        service=listing if isinstance(listing, Service) else None,
        changes=changes,
        before=stands_before(content, changes),
        reasons=sorted({*why, *reasons}),
        asked_by=account,
        asked_as=role_of(account, owner) or "",
        asked_at=now,
        due_at=now + WAITS,
    )
    tell_others(held)
    return held


def _replace_earlier(
    listing: Listing, changes: Mapping[str, Any], account: User, now: dt.datetime
) -> tuple[dict[str, Any], set[str]]:
    carried: dict[str, Any] = {}
    why: set[str] = set()
    for earlier in _held_of(listing).waiting().select_for_update().order_by("asked_at"):
        if not set(earlier.changes) & set(changes):
            continue
        if earlier.asked_by_id == account.pk:
            carried |= earlier.changes
            why |= set(earlier.reasons)
        _decide(earlier, HeldChange.State.REJECTED, account, now, because=REPLACED)
    return carried, why


def _together(
    listing: Listing,
    content: Mapping[str, Any],
    carried: Mapping[str, Any],
    changes: Mapping[str, Any],
) -> dict[str, Any]:
    """The changes with what was asked for before; alone, where the two do not go together."""
    if carried:
        with suppress(EditRefusedError):
            return real_changes(listing, content, {**carried, **changes})
    return dict(changes)


def _held_of(listing: Listing) -> Any:
    of = {"site": listing.pk} if isinstance(listing, Site) else {"service": listing.pk}
    return HeldChange.objects.filter(**of)


def _decide(
    held: HeldChange,
    state: HeldChange.State,
    by: User | None,
    now: dt.datetime,
    *,
    because: str = "",
) -> None:
    held.state, held.decided_by, held.decided_at = state, by, now
    held.reasons = [*held.reasons, because] if because else held.reasons
    held.save(update_fields=["state", "decided_by", "decided_at", "reasons"])


@transaction.atomic
def approve(*, held_id: uuid.UUID, by: User) -> HeldChange:
    """Apply a held change as its second person.

    A change that the listing has outrun is rejected instead, and says so among its reasons.

    Raises:
        HeldChange.DoesNotExist: the account may not see it.
        SecondPersonNeededError: the account is no second person.
        AlreadyDecidedError: it does not wait any more.
    """
    held, now = _locked(held_id, by), timezone.now()
    if not is_second_person(by, held, now):
        raise SecondPersonNeededError
    _apply(held, by, now)
    return held


@transaction.atomic
def reject(*, held_id: uuid.UUID, by: User) -> HeldChange:
    """Let a held change be as if nobody had asked for it. Whoever asked may, too.

    Raises:
        HeldChange.DoesNotExist: the account may not see it.
        AlreadyDecidedError: it does not wait any more.
    """
    held = _locked(held_id, by)
    _decide(held, HeldChange.State.REJECTED, by, timezone.now())
    return held


def _locked(held_id: uuid.UUID, by: User) -> HeldChange:
    """The change with its listing, locked in the order in which an edit locks them."""
    seen = HeldChange.objects.visible_to(by).get(pk=held_id)
    _lock_listing(seen)
    held = HeldChange.objects.select_for_update().get(pk=held_id)
    if held.state != HeldChange.State.WAITING:
        raise AlreadyDecidedError
    return held


def _lock_listing(held: HeldChange, *, skip_locked: bool = False) -> Listing | None:
    model: Any = Site if held.site_id else Service
    rows = model.objects.select_for_update(of=("self",), skip_locked=skip_locked)
    listing: Listing | None = rows.filter(pk=held.site_id or held.service_id).first()
    return listing


def _apply(held: HeldChange, by: User | None, now: dt.datetime) -> None:
    listing = _lock_listing(held)
    if listing is None:  # listings are retired, never deleted
        raise HeldChange.DoesNotExist
    asker = held.asked_by
    if asker is None or not type(listing).objects.editable_by(asker).filter(pk=listing.pk).exists():
        _decide(held, HeldChange.State.REJECTED, by, now, because=ASKER_GONE)
        return
    if differences(content_of(listing), held.before):
        _decide(held, HeldChange.State.REJECTED, by, now, because=OUTDATED)
        return
    sign_history(asker, organization_id=held.organization_id, act=APPROVED, held=str(held.pk))
    try:
        with transaction.atomic():
            write_changes(listing, held.changes)
    except EditRefusedError:
        _decide(held, HeldChange.State.REJECTED, by, now, because=OUTDATED)
        return
    _decide(held, HeldChange.State.APPLIED, by, now)


def apply_due(now: dt.datetime) -> int:
    """Apply the changes that waited a day. Safe to run twice, and beside itself.

    Returns:
        How many were decided. One whose listing is being edited just now waits for the next run.
    """
    due = HeldChange.objects.waiting().filter(due_at__lte=now).order_by("asked_at", "pk")
    return sum(_apply_when_due(pk, now) for pk in list(due.values_list("pk", flat=True)))


@transaction.atomic
def _apply_when_due(held_id: uuid.UUID, now: dt.datetime) -> bool:
    seen = HeldChange.objects.get(pk=held_id)
    if _lock_listing(seen, skip_locked=True) is None:
        return False
    waiting = HeldChange.objects.waiting().select_for_update(skip_locked=True)
    held = waiting.filter(pk=held_id, due_at__lte=now).first()
    if held is None:
        return False
    _apply(held, None, now)
    return True
