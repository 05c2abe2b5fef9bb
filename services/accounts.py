"""Accounts: who may sign in, in which role, and from which devices."""

import uuid

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from services.acting import as_the_system
from services.history import sign_history, sign_operator
from services.models import DeviceToken, Membership, Organization, User
from services.vocabulary import CLINIC_ROLES, Role

TAKEN = "This name is taken. Choose another one."


class AccountRefusedError(ValueError):
    """An account that cannot be. ``field`` names what to mend, the message says how."""

    code = "invalid"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NotAllowedError(Exception):
    """Whoever asks may not do that; the message says who may."""


def check_place_of_role(role: Role, organization: Organization | None) -> None:
    """A clinic's roles are held in an organization, the others beyond all of them.

    Raises:
        AccountRefusedError: the organization is missing, or one too many.
    """
    if role in CLINIC_ROLES and organization is None:
        raise AccountRefusedError("organization", f"The role {role} needs an organization.")
    if role not in CLINIC_ROLES and organization is not None:
        raise AccountRefusedError("organization", f"The role {role} is in no organization.")


@transaction.atomic
def create_account(
    *, username: str, role: Role, organization: Organization | None = None, password: str = ""
) -> User:
    """An account with a role, outreach approved. One of that name is given the role as well.

    Args:
        username: as people type it to sign in.
        role: what the account may do.
        organization: where, for the roles of a clinic.
        password: empty leaves it as it is; a new account then signs in by token only.

    Raises:
        AccountRefusedError: the name, the password or the place of the role is not usable.
    """
    check_place_of_role(role, organization)
    account = User.objects.select_for_update().filter(username=username).first()
    if account is None:
        account = new_account(username=username, password=password)
    elif not account.is_active:
        raise AccountRefusedError("username", "This account is not active any more.")
    elif password:
        check_password(password, account)
        account.set_password(password)
        account.save(update_fields=["password"])
    give_role(account=account, role=role, organization=organization)
    if role == Role.OUTREACH and account.approved_at is None:
        account.approved_at = timezone.now()
        account.save(update_fields=["approved_at"])
    return account


@transaction.atomic
def new_account(*, username: str, password: str = "", email: str = "") -> User:
    """An account without a role; without a password it can only be given tokens.

    Raises:
        AccountRefusedError: the name is taken or not usable, or the password is too weak.
    """
    account = User(username=User.normalize_username(username), email=email)
    try:
        account.clean_fields(exclude=["password"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise AccountRefusedError(field, " ".join(messages)) from None
    if User.objects.filter(username=account.username).exists():
        raise AccountRefusedError("username", TAKEN)
    if password:
        check_password(password, account)
    account.set_password(password or None)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:  # somebody else took it meanwhile
        raise AccountRefusedError("username", TAKEN) from None
    return account


def check_password(password: str, account: User) -> None:
    """Refuse a password that is too weak for this account.

    Raises:
        AccountRefusedError: with all that is wrong with it.
    """
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise AccountRefusedError("password", " ".join(error.messages)) from None


@transaction.atomic
def give_role(*, account: User, role: Role, organization: Organization | None = None) -> None:
    """Add a role to an account: in an organization, or beyond. Approves no outreach.

    Raises:
        AccountRefusedError: the place does not fit, or it would make less of a moderator.
    """
    check_place_of_role(role, organization)
    if organization is not None:
        Membership.objects.update_or_create(
            user=account, organization=organization, defaults={"role": role}
        )
    elif account.role == Role.MODERATOR and role != Role.MODERATOR:
        raise AccountRefusedError("role", "This account is a moderator's, who may do that anyway.")
    else:
        account.role = role
    account.is_staff = account.is_staff or role != Role.OUTREACH
    with as_the_system():  # nobody raises an account by their own rights; who gives it was asked
        account.save(update_fields=["role", "is_staff"])


@transaction.atomic
def approve_outreach(*, account_id: int, by: User) -> bool:
    """Let an outreach worker report. False if they could already, or do no outreach.

    Raises:
        NotAllowedError: only moderators approve.
    """
    if not by.moderates:
        raise NotAllowedError("Only a moderator approves outreach.")
    account = User.objects.select_for_update().get(pk=account_id)
    if account.role != Role.OUTREACH or account.approved_at is not None:
        return False
    account.approved_at, account.approved_by = timezone.now(), by
    account.save(update_fields=["approved_at", "approved_by"])
    return True


@transaction.atomic
def take_membership(membership: Membership, *, by: User | None) -> None:
    """End a membership; an account left without any role loses its tokens and the admin.

    Args:
        membership: whose.
        by: who ends it; None for whoever runs the system.
    """
    account = User.objects.select_for_update().get(pk=membership.user_id)
    if by is None:
        sign_operator()
    else:
        sign_history(by, organization_id=membership.organization_id)
    membership.delete()
    with as_the_system():  # a clinic admin sees no other organization's, and changes no account
        belongs = account.memberships.exists()
        account.is_staff = belongs or account.is_superuser or account.role == Role.MODERATOR
        account.save(update_fields=["is_staff"])
    if not belongs and not account.role and not account.is_superuser:
        revoke_tokens(account=account)


@transaction.atomic
def revoke_tokens(*, account: User) -> int:
    """Sign every device of an account out, at once; returns how many."""
    revoked, _by_model = DeviceToken.objects.filter(user=account).delete()
    return revoked


@transaction.atomic
def revoke_token(*, account: User, device_id: uuid.UUID) -> bool:
    """Sign one of an account's own devices out, at once. False if it has no such device."""
    revoked, _by_model = DeviceToken.objects.filter(user=account, id=device_id).delete()
    return revoked > 0
