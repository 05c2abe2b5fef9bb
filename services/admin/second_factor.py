"""Setting up the second factor: a page with a QR code, for who just gave the right password."""

import time
from base64 import b32encode
from dataclasses import dataclass
from typing import Any, Self

import segno
from django import forms
from django.contrib import admin, messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django_otp.plugins.otp_totp.models import TOTPDevice

from services.admin.codes import CodeField, why_refused
from services.admin.door import named, tells_only_us
from services.admin.limits import closed_without_limits
from services.models import User
from services.second_factor import (
    CodeTooSoonError,
    CodeWrongError,
    DeviceGoneError,
    confirm_device,
    start_device,
)

SESSION_KEY = "second_factor"
PATIENCE_S = 15 * 60  # from the password to the code
BACKEND = "services.sign_in_backend.CountsOnlyAnswers"


def begin_setup(request: HttpRequest, account: User, *, afterwards: str) -> None:
    """Remember in the session who is about to sign in, and which app they set up."""
    device = start_device(account=account)
    request.session.cycle_key()  # whoever knew the session before knows this one not
    request.session[SESSION_KEY] = {
        "account": account.pk,
        "device": device.pk,
        "password": account.get_session_auth_hash(),
        "until": time.time() + PATIENCE_S,
        "afterwards": afterwards,
    }


@dataclass(frozen=True, slots=True)
class Setup:
    """Who is about to sign in, with the app that is being set up."""

    account: User
    device: TOTPDevice
    afterwards: str

    @classmethod
    def of(cls, request: HttpRequest) -> Self | None:
        """What begin_setup remembered, while it holds."""
        kept = request.session.get(SESSION_KEY)
        if not kept or kept["until"] < time.time():
            return None
        account = User.objects.filter(pk=kept["account"], is_active=True, is_staff=True).first()
        device = TOTPDevice.objects.filter(pk=kept["device"], user=account, confirmed=False).first()
        if account is None or device is None:
            return None
        if account.get_session_auth_hash() != kept["password"]:  # it was changed meanwhile
            return None
        return cls(account, device, kept["afterwards"])


class ConfirmForm(forms.Form):
    """The first code of a new app."""

    code = CodeField(label="Code that the app shows now")


@method_decorator([tells_only_us, closed_without_limits, never_cache], name="dispatch")
class SecondFactor(View):
    """Shows the secret once as a QR code and as text, and takes the first code."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only for who just gave the right password."""
        setup = Setup.of(request)
        if setup is None:
            messages.info(request, "Sign in again: setting up the second factor took too long.")
            return redirect("admin:login")
        return super().dispatch(request, setup, *args, **kwargs)

    def get(self, request: HttpRequest, setup: Setup) -> HttpResponse:
        """The page."""
        return _page(request, setup, ConfirmForm())

    def post(self, request: HttpRequest, setup: Setup) -> HttpResponse:
        """Confirm the app, and sign in."""
        form = ConfirmForm(request.POST)
        if not form.is_valid():
            return _page(request, setup, form)
        code = form.cleaned_data["code"]
        try:
            device = confirm_device(account=setup.account, device_id=setup.device.pk, code=code)
        except (CodeTooSoonError, CodeWrongError) as error:
            form.add_error("code", why_refused(error))
            return _page(request, setup, form)
        except DeviceGoneError:
            return redirect("admin:login")
        del request.session[SESSION_KEY]
        setup.account.otp_device = device  # type: ignore[attr-defined]  # django-otp looks there
        login(request, setup.account, backend=BACKEND)
        return redirect(setup.afterwards)


def _page(request: HttpRequest, setup: Setup, form: ConfirmForm) -> HttpResponse:
    secret = b32encode(setup.device.bin_key).decode()
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    code = segno.make(setup.device.config_url, error="m")
    context = named(admin.site) | {
        "title": "Set up the second factor",
        "picture": code.svg_data_uri(scale=4, border=4, light="#fff"),
        "address": setup.device.config_url,
        "secret": groups,
        "form": form,
        "account": setup.account,
    }
    return render(request, "services/second_factor.html", context)
