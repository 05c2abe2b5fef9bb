"""Closing for a time: a service, a site or a whole organization, which opens again by itself.

A closing is a claim that expires, like "full". What a service says then, services.closed works out.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from services.closed import follow_closings
from services.closing_notice import tell_the_others
from services.history import role_of, sign_history
from services.models import Closing, Organization, Service, Site, User
from services.vocabulary import Reporter, Role

LONGEST = dt.timedelta(days=366)
LONGEST_REASON = 200  # characters
# In which role people are told to have closed it.
SPOKEN_AS = {
    Role.CLINIC_STAFF: Reporter.CLINIC_STAFF,
    Role.CLINIC_ADMIN: Reporter.CLINIC_STAFF,
    Role.OUTREACH: Reporter.OUTREACH,
    Role.MODERATOR: Reporter.OUTREACH,
}

Closable = Organization | Site | Service


class ClosingRefusedError(ValueError):
    """A closing that cannot be. ``field`` names what to mend, the message says how."""

    code = "invalid"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class ClosingConflictError(Exception):
    """The same id came with another content before: two closings need two ids."""


@dataclass(frozen=True, slots=True)
class Claim:
    """That something is closed until a time.

    Attributes:
        id: made by who closes it; the same id is the same closing, for ever.
        until: when it opens again by itself.
        reason: for the people of the organization and moderators; never told to searchers.
    """

    id: uuid.UUID
    until: dt.datetime
    reason: str = ""

    def check(self, now: dt.datetime) -> None:
        """Refuse what cannot be.

        Raises:
            ClosingRefusedError: it ends in the past or too late, or the reason is too long.
        """
        if self.until <= now:
            raise ClosingRefusedError("until", "This is over already: send a time to come.")
        if self.until > now + LONGEST:
            raise ClosingRefusedError(
                "until", f"At most {LONGEST.days} days. What closes for good is taken off the list."
            )
        if len(self.reason) > LONGEST_REASON:
            raise ClosingRefusedError("reason", f"At most {LONGEST_REASON} characters.")


@transaction.atomic
def close(
    *, scope: Closable, claim: Claim, closed_by: Reporter, account: User | None
) -> tuple[Closing, bool]:
    """Close a service, a site or all of an organization until a time, at once.

    Args:
        scope: what is closed.
        claim: until when, and why.
        closed_by: in which role it is told to be closed.
        account: who closes it, where there is one. The caller signs the history if there is none.

    Returns:
        The closing, and whether it is new: a repeat with the same id and content changes nothing.

    Raises:
        Site.DoesNotExist, Service.DoesNotExist: it is not listed.
        ClosingRefusedError: it cannot be.
        ClosingConflictError: the id was used for something else, or by somebody else.
    """
    owner, services = _locked(scope)
    known = Closing.objects.filter(pk=claim.id).first()
    if known is not None:
        return _repeated(known, scope, claim, account), False
    now = timezone.now()
    claim.check(now)
    closing = Closing(
        id=claim.id,
        organization=owner,
        site=scope if isinstance(scope, Site) else None,
        service=scope if isinstance(scope, Service) else None,
        reason=claim.reason,
        closed_by=closed_by,
        account=account,
        made_at=now,
        until=claim.until,
    )
    if not _inserted(closing):  # the same id, a moment ago
        known = Closing.objects.filter(pk=claim.id).first()
        if known is None:  # of another organization, so none of ours to read
            raise ClosingConflictError
        return _repeated(known, scope, claim, account), False
    if account is not None:
        sign_history(account, organization_id=owner.pk, closing=str(closing.pk))
    follow_closings(services)
    tell_the_others(closing)
    return closing, True


def close_as(*, scope: Closable, claim: Claim, account: User) -> tuple[Closing, bool]:
    """The same in the role in which an account speaks: its own clinic's staff come first.

    The caller has seen to it that it is theirs to close.
    """
    if isinstance(scope, Organization):
        owner = scope.pk
    else:
        owner = scope.organization_id if isinstance(scope, Site) else scope.site.organization_id
    role = role_of(account, owner) or Role.MODERATOR
    return close(scope=scope, claim=claim, closed_by=SPOKEN_AS[role], account=account)


def reopen_as(*, closing_id: uuid.UUID, account: User) -> Closing:
    """End a closing that is the account's to end.

    Raises:
        Closing.DoesNotExist: there is none that it may end.
    """
    Closing.objects.endable_by(account).get(pk=closing_id)
    return reopen(closing_id=closing_id, account=account)[0]


@transaction.atomic
def reopen(*, closing_id: uuid.UUID, account: User | None) -> tuple[Closing, bool]:
    """End a closing before its time; what another closing says stands.

    Returns:
        The closing, and whether it was in force until now.

    Raises:
        Closing.DoesNotExist: there is none.
    """
    closing = Closing.objects.select_related("organization", "site", "service").get(pk=closing_id)
    services = Service.objects.filter(pk__in=covered_by(closing).values("pk"))
    locked = list(services.select_for_update(of=("self",)).order_by("pk"))
    now = timezone.now()
    standing = Closing.objects.filter(pk=closing_id, reopened_at=None, until__gt=now)
    if not standing.update(reopened_at=now):
        closing.refresh_from_db(fields=["reopened_at"])
        return closing, False
    closing.reopened_at = now
    if account is not None:
        owner = closing.organization_id
        sign_history(account, organization_id=owner, reopened=str(closing.pk))
    follow_closings(locked)
    return closing, True


@transaction.atomic
def close_again(*, closing_id: uuid.UUID, account: User | None) -> bool:
    """Take back that a closing was ended before its time. False if its time is over by now.

    Raises:
        Closing.DoesNotExist: there is none.
    """
    closing = Closing.objects.get(pk=closing_id)
    services = Service.objects.filter(pk__in=covered_by(closing).values("pk"))
    locked = list(services.select_for_update(of=("self",)).order_by("pk"))
    ended = Closing.objects.filter(
        pk=closing_id, reopened_at__isnull=False, until__gt=timezone.now()
    )
    if not ended.update(reopened_at=None):
        return False
    if account is not None:
        sign_history(account, organization_id=closing.organization_id, closing=str(closing.pk))
    follow_closings(locked)
    return True


def _locked(scope: Closable) -> tuple[Organization, list[Service]]:
    """Whose it is, and its services, locked. A service that comes meanwhile waits for the lock."""
    if isinstance(scope, Organization):
        owner = Organization.objects.get(pk=scope.pk)
        where, where_sites = Q(site__organization=owner), Q(organization=owner)
    elif isinstance(scope, Site):
        owner = Site.objects.listed().select_related("organization").get(pk=scope.pk).organization
        where, where_sites = Q(site=scope.pk), Q(pk=scope.pk)
    else:
        listed = Service.objects.listed().select_related("site__organization")
        owner = listed.get(pk=scope.pk).site.organization
        where, where_sites = Q(pk=scope.pk), Q(services=scope.pk)
    sites = Site.objects.filter(where_sites).order_by("pk")
    list(sites.select_for_update().values_list("pk", flat=True))
    services = Service.objects.filter(where).select_for_update(of=("self",))
    return owner, list(services.order_by("pk"))


def covered_by(closing: Closing) -> QuerySet[Service]:
    """The services that it closes, listed or not."""
    if closing.service_id is not None:
        return Service.objects.filter(pk=closing.service_id)
    if closing.site_id is not None:
        return Service.objects.filter(site=closing.site_id)
    return Service.objects.filter(site__organization=closing.organization_id)


def _inserted(closing: Closing) -> bool:
    try:
        with transaction.atomic():
            closing.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _repeated(known: Closing, scope: Closable, claim: Claim, account: User | None) -> Closing:
    scopes = (known.service_id or known.site_id or known.organization_id) == scope.pk
    said = (known.until, known.reason) == (claim.until, claim.reason)
    if not (scopes and said and known.account_id == (account.pk if account else None)):
        raise ClosingConflictError
    return known
