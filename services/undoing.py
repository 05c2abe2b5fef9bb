"""Undoing what one account did: a device that was stolen, a password that was guessed.

Everything goes in one transaction and is one change set: reverting that brings the edits back.
"""

import datetime as dt
import uuid
from collections import defaultdict
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from pghistory.models import Context

from services.availability import withdraw
from services.closing import reopen
from services.history import sign_history, sign_operator
from services.models import AvailabilityReport, Closing, HeldChange, User
from services.putting_back import Part, Result
from services.reverting import ChangeSetUnknownError, revert
from services.undoing_people import let_in, undo_people

HERE = "here"  # instead of the id of the change set that is being made


class UndoRefusedError(ValueError):
    """An undo that cannot be meant. ``field`` names what to mend, the message says how."""

    code = "invalid"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo came to.

    Attributes:
        change_sets: how many edits of the account were put back, wholly or in part.
        reverted, skipped: see services.reverting.
        closings, reports, held: how many were ended, taken back, rejected.
    """

    change_sets: int
    closings: int
    reports: int
    held: int
    reverted: list[Part] = field(default_factory=list)
    skipped: list[Part] = field(default_factory=list)


@transaction.atomic
def undo_account(*, account: User, since: dt.datetime, by: User | None) -> Undone:
    """Put back everything an account did since a moment, as far as nobody changed it since.

    Its change sets are reverted, newest first; its closings end; its reports are taken back; what
    it asked for and nobody decided is rejected. Whom it invited since then leave, and what they did
    is undone as well; whom it sent away come back. Its own memberships and devices stay as they
    are: deactivate the account to lock it out. Again, there is nothing left to do.

    Args:
        account: whose acts.
        since: from when on.
        by: a moderator; None for whoever runs the system.

    Raises:
        PermissionDenied: no moderator asks.
        UndoRefusedError: the moment is still to come.
    """
    if by is not None and not by.moderates:
        raise PermissionDenied
    if since > timezone.now():
        raise UndoRefusedError("since", "This is still to come: send a time that is past.")
    _sign(by)
    accounts = _all_of(account, since)
    closings = _current_closings(accounts, since)
    ids = list(closings.values_list("pk", flat=True))
    change_sets, result = _revert_all(accounts, since, by)
    for closing in ids:
        reopen(closing_id=closing, account=by)
    people = [part for one in accounts for part in undo_people(one, since, by)]
    reports = AvailabilityReport.objects.filter(account__in=accounts, received_at__gte=since)
    return Undone(
        change_sets=change_sets,
        closings=len(ids),
        reports=withdraw(reports, by=by),
        held=_reject_held(accounts, since, by),
        reverted=[*result.reverted, *people],
        skipped=result.skipped,
    )


def _all_of(account: User, since: dt.datetime) -> list[User]:
    """The account, whom it let in since a moment, whom they let in, and so on."""
    found, rest = {account.pk: account}, [account]
    while rest:
        for one in let_in(rest.pop(), since):
            if one.pk not in found:
                found[one.pk] = one
                rest.append(one)
    return list(found.values())


@transaction.atomic
def withdraw_report(*, report_id: uuid.UUID, by: User) -> AvailabilityReport:
    """Take one report back, as if it had never come. Again, it is taken back already.

    Raises:
        AvailabilityReport.DoesNotExist: there is none, or no moderator asks.
    """
    if not by.moderates:
        raise AvailabilityReport.DoesNotExist
    report = AvailabilityReport.objects.select_related("service__site").get(pk=report_id)
    sign_history(by, organization_id=report.service.site.organization_id)
    withdraw(AvailabilityReport.objects.filter(pk=report_id), by=by)
    report.refresh_from_db(fields=["withdrawn_at", "withdrawn_by"])
    return report


def _sign(by: User | None) -> None:
    if by is None:
        sign_operator()
    else:
        sign_history(by)


def _revert_all(accounts: list[User], since: dt.datetime, by: User | None) -> tuple[int, Result]:
    """Newest first, so that each finds what it left. What was put back before stays so."""
    whose = [one.pk for one in accounts]
    mine = Context.objects.filter(metadata__account__in=whose, created_at__gte=since)
    ids = list(mine.order_by("-created_at", "-pk").values_list("pk", flat=True))
    reverters = _reverters(since)
    results = []
    for one in ids:
        if not _is_put_back(str(one), reverters):
            results.append(_revert(one, by))
            reverters[str(one)].append(HERE)  # what it had put back stands again: its turn comes
    reverted = [part for result in results for part in result.reverted]
    put_back = {(part.of, part.id, part.field) for part in reverted}
    skipped = {
        (part.of, part.id, part.field): part for result in results for part in result.skipped
    }
    left = [part for key, part in skipped.items() if key not in put_back]
    return sum(bool(result.reverted) for result in results), Result(reverted, left)


def _reverters(since: dt.datetime) -> dict[str, list[str]]:
    """By change set, those that put it back."""
    found: dict[str, list[str]] = defaultdict(list)
    told = Context.objects.filter(metadata__has_key="reverts", created_at__gte=since)
    for reverter, reverted in told.values_list("pk", "metadata__reverts"):
        for one in reverted:
            found[one].append(str(reverter))
    return found


def _is_put_back(change_set: str, reverters: dict[str, list[str]]) -> bool:
    """Whether it was put back, and that was not put back in turn."""
    return any(not _is_put_back(one, reverters) for one in reverters.get(change_set, []))


def _revert(change_set: uuid.UUID, by: User | None) -> Result:
    try:
        return revert(change_set=change_set, by=by)
    except ChangeSetUnknownError:  # it changed no listing, but people's memberships
        return Result()


def _current_closings(accounts: list[User], since: dt.datetime) -> QuerySet[Closing]:
    closings = Closing.objects.current().filter(account__in=accounts, made_at__gte=since)
    return closings.order_by("pk")


def _reject_held(accounts: list[User], since: dt.datetime, by: User | None) -> int:
    held = HeldChange.objects.waiting().filter(asked_by__in=accounts, asked_at__gte=since)
    ids = list(held.select_for_update().order_by("pk").values_list("pk", flat=True))
    return HeldChange.objects.filter(pk__in=ids).update(
        state=HeldChange.State.REJECTED, decided_by=by, decided_at=timezone.now()
    )
