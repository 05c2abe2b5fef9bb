"""The second factor: a code from an authenticator app, and how one is set up or reset."""

import math

from django.db import transaction
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from services.models import User


class CodeRequiredError(Exception):
    """The account has an authenticator app, and no code was given."""

    field, code = "otp", "otp_required"

    def __init__(self) -> None:
        super().__init__("Send the code that the authenticator app shows now.")


class CodeWrongError(Exception):
    """The code is not the app's of now, or was used before."""

    field, code = "otp", "otp_wrong"

    def __init__(self) -> None:
        super().__init__("Not the code of now, or used before: wait for the next one.")


class CodeTooSoonError(Exception):
    """Wrong codes came before; the next one is looked at after ``wait`` seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__()
        self.wait = wait


class DeviceGoneError(Exception):
    """The app that was being set up is not there, or another one is confirmed already."""


def has_device(account: User) -> bool:
    """Whether an account has confirmed an authenticator app."""
    return bool(TOTPDevice.objects.filter(user=account, confirmed=True).exists())


def check_code(*, account: User, code: str) -> TOTPDevice:
    """The account's app, if this is its code of now. A code counts once.

    Raises:
        CodeRequiredError: no code.
        CodeWrongError: another code.
        CodeTooSoonError: after wrong codes; the wait doubles with each.
    """
    if not code.strip():
        raise CodeRequiredError
    return _passed(*_try(account, code, confirmed=True))


@transaction.atomic
def _try(account: User, code: str, **which: object) -> tuple[TOTPDevice | None, int]:
    """The app if it took the code, and else the seconds to wait. Raises nothing: it must count."""
    devices = TOTPDevice.objects.select_for_update().filter(user=account, **which)
    device = devices.order_by("pk").first()
    if device is None:
        return None, 0
    allowed, why = device.verify_is_allowed()
    if not allowed:
        left = (why["locked_until"] - timezone.now()).total_seconds()
        return None, max(1, math.ceil(left))
    return (device if device.verify_token("".join(code.split())) else None), 0


def _passed(device: TOTPDevice | None, wait_s: int) -> TOTPDevice:
    if wait_s:
        raise CodeTooSoonError(wait_s)
    if device is None:
        raise CodeWrongError
    return device


@transaction.atomic
def start_device(*, account: User) -> TOTPDevice:
    """A fresh secret to set an app up with. One that was never confirmed is forgotten.

    Raises:
        DeviceGoneError: an app is confirmed already; it must be reset first.
    """
    User.objects.select_for_update(no_key=True).get(pk=account.pk)
    if has_device(account):
        raise DeviceGoneError
    TOTPDevice.objects.filter(user=account, confirmed=False).delete()
    return TOTPDevice.objects.create(user=account, name="Authenticator app", confirmed=False)


def confirm_device(*, account: User, device_id: int, code: str) -> TOTPDevice:
    """Take an app for the account's own, once it shows the right code.

    Raises:
        DeviceGoneError: it was not started, or another one was confirmed meanwhile.
        CodeWrongError: see check_code.
        CodeTooSoonError: see check_code.
    """
    device, wait_s = _confirmed(account, device_id, code)
    return _passed(device, wait_s)


@transaction.atomic
def _confirmed(account: User, device_id: int, code: str) -> tuple[TOTPDevice | None, int]:
    User.objects.select_for_update(no_key=True).get(pk=account.pk)
    started = TOTPDevice.objects.filter(user=account, pk=device_id, confirmed=False)
    if has_device(account) or not started.exists():
        raise DeviceGoneError
    device, wait_s = _try(account, code, pk=device_id)
    if device is not None:
        device.confirmed = True
        device.save(update_fields=["confirmed"])
    return device, wait_s


@transaction.atomic
def reset_second_factor(*, account: User) -> bool:
    """Forget an account's apps: whoever signs in next sets up a new one. False if it had none.

    Sessions that were opened with the app end.
    """
    forgotten, _by_model = TOTPDevice.objects.filter(user=account).delete()
    return bool(forgotten)
