"""Editing a listing: the one way for phones, the admin and files alike."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from services.content import Listing, content_of, owner_of
from services.dangers import EDIT, NARROWS, dangers, narrowing_of
from services.history import sign_history
from services.holding import hold
from services.models import HeldChange, Organization, User
from services.patching import real_changes, write_changes
from services.versions import VersionMismatchError, version_of


@dataclass(frozen=True, slots=True)
class Edited:
    """What became of an edit: what was applied, and what waits."""

    applied: Mapping[str, Any]
    held: tuple[HeldChange, ...]


@transaction.atomic
def edit_listing(
    *,
    model: type[Listing],
    pk: uuid.UUID,
    changes: Mapping[str, Any],
    account: User,
    versions: Collection[str] | None = None,
) -> Edited:
    """Apply what is safe of an edit; hold what is dangerous, unless a moderator asks for it.

    Args:
        model: Site or Service.
        pk: which one; a retired one too.
        changes: in the form of a PATCH body. What stands there already is no change.
        account: who edits.
        versions: what the editor saw; None to edit whatever stands there.

    Raises:
        Site.DoesNotExist, Service.DoesNotExist: the account may edit no such listing.
        VersionMismatchError: somebody else edited it meanwhile.
        EditRefusedError: it would contradict itself; nothing is applied or held.
    """
    listing = _locked(model, pk, account)
    content = content_of(listing)
    if versions is not None and version_of(content) not in versions:
        raise VersionMismatchError
    real = real_changes(listing, content, changes)
    now = timezone.now()
    reasons = {} if account.moderates else dangers(listing, content, real, account=account, now=now)
    waiting = {field for fields in reasons.values() for field in fields}
    safe = {field: value for field, value in real.items() if field not in waiting}
    narrows = {}
    if not account.moderates and narrowing_of(listing, content, safe, now):
        narrows[NARROWS] = "yes"
    sign_history(account, organization_id=owner_of(listing), act=EDIT, **narrows)
    write_changes(listing, safe)
    held = tuple(
        hold(
            listing,
            content,
            {field: real[field] for field in fields},
            reasons=[reason],
            account=account,
            now=now,
        )
        for reason, fields in reasons.items()
    )
    return Edited(safe, held)


def _locked(model: type[Listing], pk: uuid.UUID, account: User) -> Listing:
    """The listing, locked; before it its organization, so that edits side by side are counted."""
    mine: Any = model.objects.editable_by(account)
    owner = owner_of(mine.get(pk=pk))
    if not account.moderates:
        Organization.objects.select_for_update(no_key=True).get(pk=owner)
    listing: Listing = mine.select_for_update(of=("self",)).get(pk=pk)
    return listing
