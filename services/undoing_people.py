"""Undoing what one account did to people: whom it let in leave, whom it sent away come back.

Otherwise whoever stole an account would keep a second one, or would have left nobody who could be
asked.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.utils import timezone

from services.accounts import take_membership
from services.history import sign_history, sign_operator
from services.models import Invitation, Membership, User
from services.putting_back import Part


def let_in(account: User, since: dt.datetime) -> list[User]:
    """Who came by invitations that an account sent since a moment."""
    sent = Invitation.objects.filter(invited_by=account, made_at__gte=since)
    return list(User.objects.filter(pk__in=sent.values("accepted_by")).order_by("pk"))


def undo_people(account: User, since: dt.datetime, by: User | None) -> list[Part]:
    """Take invitations back, and what became of them; put memberships back as they were.

    Args:
        account: whose acts.
        since: from when on.
        by: a moderator; None for whoever runs the system.
    """
    return [
        *_invitations(account, since, by),
        *(part for event in _events(account, since) if (part := _put_back(event, by))),
    ]


def _invitations(account: User, since: dt.datetime, by: User | None) -> Iterator[Part]:
    sent = Invitation.objects.select_for_update().filter(invited_by=account, made_at__gte=since)
    for invitation in sent.order_by("pk"):
        if invitation.accepted_at is None:
            if invitation.expires_at > timezone.now():
                Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now())
                yield Part("invitation", str(invitation.pk))
            continue
        member = Membership.objects.filter(
            user=invitation.accepted_by, organization=invitation.organization
        ).first()
        if member is not None:
            take_membership(member, by=by)
            yield Part("membership", str(member.pk))


def _events(account: User, since: dt.datetime) -> list[Any]:
    """What an account did to memberships, newest first."""
    events: Any = apps.get_model("services", "MembershipEvent")
    found = events.objects.filter(
        pgh_created_at__gte=since, pgh_context__metadata__account=account.pk
    )
    return list(found.exclude(pgh_label="insert").order_by("-pgh_id"))


def _put_back(event: Any, by: User | None) -> Part | None:
    """Put one membership back as it was before, unless somebody changed it since."""
    account = User.objects.select_for_update().filter(pk=event.user_id).first()
    if account is None:
        return None
    stands = Membership.objects.filter(user=account, organization=event.organization_id).first()
    _sign(by, event)
    if event.pgh_label == "delete" and stands is None:
        back = Membership(
            pk=event.pgh_obj_id,
            user=account,
            organization_id=event.organization_id,
            role=event.role,
        )
        back.save(force_insert=True)
        User.objects.filter(pk=account.pk).update(is_staff=True)
        return Part("membership", str(back.pk))
    if event.pgh_label == "update" and stands is not None and stands.role == event.role:
        return _role_before(event, stands)
    return None


def _role_before(event: Any, stands: Membership) -> Part | None:
    earlier = type(event).objects.filter(pgh_obj_id=event.pgh_obj_id, pgh_id__lt=event.pgh_id)
    before = earlier.order_by("-pgh_id").values_list("role", flat=True).first()
    if before is None or before == stands.role:
        return None
    stands.role = before
    stands.save(update_fields=["role"])
    return Part("membership", str(stands.pk), "role")


def _sign(by: User | None, event: Any) -> None:
    if by is None:
        sign_operator()
    else:
        sign_history(by, organization_id=event.organization_id)
