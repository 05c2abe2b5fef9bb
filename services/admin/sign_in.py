"""The admin's sign-in: name, password, and a code from an authenticator app. Fails closed.

Who has no app yet is led from the right password to setting one up. Until that is done nobody is
signed in: the session knows only who is about to be.
"""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django_otp.plugins.otp_totp.admin import TOTPDevice

from services.admin.codes import CodeField, why_refused
from services.admin.limits import closed_without_limits
from services.admin.second_factor import begin_setup
from services.second_factor import (
    CodeRequiredError,
    CodeTooSoonError,
    CodeWrongError,
    check_code,
    has_device,
)


class SignInForm(AdminAuthenticationForm):
    """Name, password and code. Whether a code is needed shows only after the right password."""

    code = CodeField(
        label="Code from your authenticator app",
        required=False,
        help_text="Six digits. Leave it empty the first time: you will be shown how to set it up.",
    )

    def clean(self) -> dict[str, Any]:
        """Check the code of who has an app; ``otp_device`` of the account tells it passed."""
        cleaned: dict[str, Any] = super().clean()
        account: Any = self.get_user()
        if account is None:  # there was no name, or no password
            return cleaned
        account.otp_device = None
        if has_device(account):
            try:
                account.otp_device = check_code(account=account, code=cleaned.get("code", ""))
            except (CodeRequiredError, CodeTooSoonError, CodeWrongError) as error:
                self.add_error("code", why_refused(error))
        return cleaned


class SignIn(LoginView):
    """Signs in with both factors, or leads on to setting up the second."""

    authentication_form = SignInForm
    template_name = "services/sign_in.html"
    next_page = "admin:index"

    def form_valid(self, form: Any) -> HttpResponse:
        """Both were right, or the first was and there is no second."""
        account = form.get_user()
        if account.otp_device is not None:
            return super().form_valid(form)
        begin_setup(self.request, account, afterwards=self.get_success_url())
        return redirect("second-factor")


def ask_for_second_factor(site: AdminSite) -> None:
    """Open an admin site only to sessions that gave a code, and show nobody the apps' secrets."""
    site.unregister(TOTPDevice)  # django-otp's own screen, registered by the import above
    may_enter = site.has_permission

    def has_permission(request: HttpRequest) -> bool:
        return may_enter(request) and getattr(request.user, "otp_device", None) is not None

    def login(
        request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        if request.method == "GET" and has_permission(request):
            return redirect("admin:index")
        context = {
            **site.each_context(request),
            "title": "Sign in",
            "app_path": request.get_full_path(),
            **(extra_context or {}),
        }
        return SignIn.as_view(extra_context=context)(request)

    site.has_permission = has_permission  # type: ignore[method-assign]
    site.login = closed_without_limits(login)  # type: ignore[method-assign,assignment]
