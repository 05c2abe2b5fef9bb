"""Putting back what one change set changed, in one action.

Only what still stands as that change set left it is put back. Whatever somebody changed since is
left as it is and named: a revert loses nothing. It is signed as a change set of its own, so it can
be reverted in turn.
"""

import uuid
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from pghistory.models import Context

from services.acting import as_the_system
from services.closed import follow_closings_at
from services.closing import close_again, covered_by, reopen
from services.content import content_of
from services.dangers import astray
from services.history import sign_history, sign_operator
from services.holding import DangerousRevertError
from services.models import Closing, Organization, Site, User
from services.past import Rows, Version, changed_by, versions_in
from services.putting_back import (
    CHANGED_SINCE,
    MODELS,
    PARTS,
    RETIRED,
    Part,
    Result,
    put_back,
    steps,
)


class ChangeSetUnknownError(LookupError):
    """No change set has this id."""


@transaction.atomic
def revert(*, change_set: uuid.UUID, by: User | None) -> Result:
    """Put back everything that one change set changed. Again, there is nothing left to do.

    Args:
        change_set: its id.
        by: who puts it back; None for whoever runs the system.

    Raises:
        ChangeSetUnknownError: there is none.
        PermissionDenied: it changed listings of other organizations, or closed them.
        DangerousRevertError: it would move a site, change its phones, show more of it or retire
            something, and who asks is no second person.
    """
    with as_the_system():  # what it changed of others, too: that decides who may put it back
        if not (versions := versions_in(change_set)):
            raise ChangeSetUnknownError
        closings = _closings_of(versions[0].by.notes)
        owners = _locked(versions, closings)
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
    for step in steps(versions):
        put_back(step, result)
    if any(astray(stood[key], content) for key, content in _stands(versions, stood).items()):
        raise DangerousRevertError
    if known:  # what differs is not what somebody changed since, but what the first revert left
        result.skipped = [one for one in result.skipped if one.why != CHANGED_SINCE]
    _turn(closings, by, result)
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


def _closings_of(notes: dict[str, Any]) -> list[tuple[str, Closing]]:
    """What a change set closed or opened again before its time, as far as it is still known."""
    told = [(act, uuid.UUID(one)) for act in ("closing", "reopened") for one in notes.get(act, [])]
    known = Closing.objects.select_related("site", "service__site").in_bulk([pk for _, pk in told])
    return [(act, known[pk]) for act, pk in told if pk in known]


def _locked(versions: list[Version], closings: list[tuple[str, Closing]]) -> set[uuid.UUID]:
    """Lock the listings, in the order in which others do; returns whose they are."""
    ids: dict[str, set[Any]] = {name: set() for name in ("organization", "site", "service")}
    for version in versions:
        of, pk = _listing_of(version)
        ids[of].add(pk)
    for _, closing in closings:
        ids["service"].update(covered_by(closing).values_list("pk", flat=True))
    which = {name: Q(pk__in=keys - {None}) for name, keys in ids.items()}
    which["service"] |= Q(site__in=ids["site"] - {None})  # closings may count anew there
    for name, rows in which.items():
        found: Any = MODELS[name]._default_manager.filter(rows)
        list(found.select_for_update().order_by("pk").values_list("pk", flat=True))
    of_sites = Site.objects.filter(pk__in=ids["site"]) | Site.objects.filter(
        services__in=ids["service"]
    )
    owners = ids["organization"] | set(of_sites.values_list("organization", flat=True))
    owners |= {closing.owner_id for _, closing in closings}
    states = [state for one in versions if one.of == "site" for state in (one.before, one.after)]
    return owners | {state["organization"] for state in states if state}


def _turn(closings: list[tuple[str, Closing]], by: User | None, result: Result) -> None:
    """End what was closed, and close what was opened again before its time."""
    for act, closing in closings:
        if act == "closing":
            turned = reopen(closing_id=closing.pk, account=by)[1]
        else:
            turned = close_again(closing_id=closing.pk, account=by)
        if turned:
            result.reverted.append(Part("closing", str(closing.pk)))
