"""Signing a device in: name, password and, where the account has one, the second factor."""

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from services.models import DeviceToken, User
from services.second_factor import check_code, has_device


class WrongCredentialsError(Exception):
    """No active account has this name and password. Which of them is wrong stays unsaid."""


class LockedOutError(Exception):
    """Too many tries for this name, whether or not there is such an account. ``wait``: seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.wait = int(settings.AXES_COOLOFF_TIME.total_seconds())


def sign_in(*, request: HttpRequest, username: str, password: str, code: str = "") -> User:
    """The account behind a name and a password.

    Args:
        request: what django-axes needs to pass its word on; nothing of it is kept.
        username: as it was typed.
        password: likewise.
        code: from the authenticator app, if the account has one.

    Raises:
        LockedOutError: too many tries.
        WrongCredentialsError: as it says.
        CodeRequiredError: the password is right and a code is missing.
        CodeWrongError: the password is right and the code is not.
        CodeTooSoonError: after wrong codes.
    """
    name = User.normalize_username(username)
    account = authenticate(request, username=name, password=password)
    if not isinstance(account, User):
        locked = getattr(request, "axes_locked_out", False)
        raise LockedOutError() if locked else WrongCredentialsError()
    if has_device(account):
        check_code(account=account, code=code)
    user_logged_in.send(sender=User, request=request, user=account)  # forgets the tries
    return account


def sign_device_in(
    *, request: HttpRequest, username: str, password: str, code: str, name: str
) -> tuple[DeviceToken, str]:
    """A token for a device, and its text: told this once. Raises what sign_in does.

    It is not atomic: wrong codes are counted in the database, and a refusal must not undo that.
    """
    account = sign_in(request=request, username=username, password=password, code=code)
    return DeviceToken.objects.issue(user=account, name=name)
