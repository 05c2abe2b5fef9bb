"""Invitations: a mailed link with which a person makes an account of their own."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from services.accounts import (
    AccountRefusedError,
    NotAllowedError,
    check_place_of_role,
    give_role,
    new_account,
)
from services.acting import recognised_invitation
from services.history import sign_history
from services.models import Invitation, Message, Organization, User
from services.outbox import enqueue
from services.vocabulary import CLINIC_ROLES, Role

LASTS = dt.timedelta(days=7)
MOST_WAITING = 50  # invitations of one account that nobody accepted yet
SIGNER = TimestampSigner(salt="services.invitations")


class InvitationConflictError(Exception):
    """The same id was used for another invitation."""


class TooManyInvitationsError(Exception):
    """An account has invited so many who have not answered that more would be spam."""


class InvitationOverError(Exception):
    """A link that is forged, expired or used, or whose sender may not invite any more."""


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom to invite, and as what. ``id`` is the caller's: the same again invites once."""

    id: uuid.UUID
    email: str
    role: Role
    organization: Organization | None = None


def may_invite(account: User, role: Role, organization: Organization | None) -> bool:
    """Whether an account may invite somebody to a role."""
    if not account.is_active:
        return False
    if role == Role.MODERATOR:
        return account.is_superuser
    if role == Role.OUTREACH:
        return account.moderates or account.does_outreach
    administered = Organization.objects.administered_by(account)
    return organization is not None and administered.filter(pk=organization.pk).exists()


@transaction.atomic
def invite(*, invited: Invited, by: User) -> tuple[Invitation, bool]:
    """Mail somebody a link; returns the invitation, and whether it is a new one.

    Raises:
        AccountRefusedError: the role does not fit its place.
        NotAllowedError: who asks may not invite to this role.
        InvitationConflictError: the id was used for another invitation.
        TooManyInvitationsError: too many wait for an answer.
    """
    check_place_of_role(invited.role, invited.organization)
    if not may_invite(by, invited.role, invited.organization):
        raise NotAllowedError("This account may not invite to that role.")
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # one at a time: they are counted
    earlier = Invitation.objects.filter(pk=invited.id).first()
    if earlier is not None:
        return _same(earlier, invited, by), False
    check_flood(by)
    invitation = _stored(invited, by)
    _mail(invitation)
    return invitation, True


def _stored(invited: Invited, by: User) -> Invitation:
    now = timezone.now()
    try:
        with transaction.atomic():
            return Invitation.objects.create(
                id=invited.id,
                email=invited.email,
                organization=invited.organization,
                role=invited.role,
                invited_by=by,
                made_at=now,
                expires_at=now + LASTS,
            )
    except IntegrityError:  # another account used the id meanwhile
        raise InvitationConflictError from None


def check_flood(by: User) -> None:
    """Refuse one more invitation while too many wait for an answer.

    Raises:
        TooManyInvitationsError: they do.
    """
    sent = Invitation.objects.filter(invited_by=by, accepted_at=None)
    if sent.filter(expires_at__gt=timezone.now()).count() >= MOST_WAITING:
        raise TooManyInvitationsError


def _same(earlier: Invitation, invited: Invited, by: User) -> Invitation:
    organization_id = invited.organization.pk if invited.organization else None
    asked = (invited.email, invited.role, organization_id, by.pk)
    stands = (earlier.email, earlier.role, earlier.organization_id, earlier.invited_by_id)
    if asked != stands:
        raise InvitationConflictError
    return earlier


def link_of(invitation: Invitation) -> str:
    """The address of its page. It holds an opaque id, and nothing about the person."""
    path = reverse("join", args=[SIGNER.sign(invitation.pk.hex)])
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def _mail(invitation: Invitation) -> None:
    at = f" at {invitation.organization}" if invitation.organization else ""
    role = invitation.get_role_display()
    enqueue(
        key=f"invitation:{invitation.pk}",
        purpose=Message.Purpose.INVITATION,
        recipient=invitation.email,
        subject=f"You are invited: {role}{at}",
        body=(
            f"You are invited to keep listings of harm-reduction services true, in this role: "
            f"{role}{at}.\n\n"
            f"To choose a name and a password, open this page before "
            f"{invitation.expires_at:%A, %d %B %Y, %H:%M} UTC:\n\n"
            f"{link_of(invitation)}\n\n"
            f"The link works once. If you did not expect this message, do nothing.\n"
        ),
        expires_at=invitation.expires_at,
    )


def open_invitation(token: str) -> Invitation:
    """The invitation that a link is for, while it can be accepted.

    Raises:
        InvitationOverError: it cannot, or never could.
    """
    try:
        id_ = uuid.UUID(hex=SIGNER.unsign(token, max_age=LASTS))
        recognised_invitation(id_)
        return _still_open(
            Invitation.objects.select_related("organization", "invited_by").get(pk=id_)
        )
    except (BadSignature, ValueError, Invitation.DoesNotExist):
        raise InvitationOverError from None


def _still_open(invitation: Invitation) -> Invitation:
    if invitation.accepted_at is not None or invitation.expires_at <= timezone.now():
        raise InvitationOverError
    sender, role = invitation.invited_by, Role(invitation.role)
    if sender is None or not may_invite(sender, role, invitation.organization):
        raise InvitationOverError
    return invitation


@transaction.atomic
def accept_invitation(*, token: str, username: str, password: str) -> User:
    """Make the account that a link is for. Outreach still waits for a moderator's approval.

    Raises:
        InvitationOverError: the link cannot be used any more.
        AccountRefusedError: the name is taken or not usable, or the password is too weak.
    """
    found = open_invitation(token)
    locked = Invitation.objects.select_for_update(of=("self",)).select_related(
        "organization", "invited_by"
    )
    invitation = _still_open(locked.get(pk=found.pk))
    if not password:
        raise AccountRefusedError("password", "Choose a password.")
    account = new_account(username=username, password=password, email=invitation.email)
    sign_history(account, organization_id=invitation.organization_id)
    give_role(account=account, role=Role(invitation.role), organization=invitation.organization)
    invitation.accepted_at, invitation.accepted_by = timezone.now(), account
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    return account


def roles_to_invite(account: User) -> list[Role]:
    """The roles that an account may invite somebody to, somewhere."""
    may_clinic = Organization.objects.administered_by(account).exists()
    clinic = list(CLINIC_ROLES) if may_clinic else []
    beyond = [role for role in (Role.OUTREACH, Role.MODERATOR) if may_invite(account, role, None)]
    return clinic + beyond
