"""Past the admin's door: signed in with the second factor, without its pages."""

from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from services.models import User


def a_device(account: User) -> TOTPDevice:
    """An authenticator app that the account confirmed."""
    found, _ = TOTPDevice.objects.get_or_create(user=account, name="app", confirmed=True)
    return found


def signed_in(account: User) -> Client:
    """The browser of somebody who gave password and code."""
    client = Client()
    client.force_login(account)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = a_device(account).persistent_id
    session.save()
    return client


def code_of(device: TOTPDevice) -> str:
    """What the app shows now."""
    return f"{TOTP(device.bin_key).token():06d}"
