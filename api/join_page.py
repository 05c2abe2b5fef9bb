"""/join/<token>/: who was invited chooses a name and a password. Works without scripts.

As on the page behind a report link, the token is all the authority there is: no cookie is read or
set, so no other site can make a browser act for somebody.
"""

from typing import Any

from django import forms
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.views import View

from api.outages import database_is_away
from api.report_page import HEADERS
from services.accounts import AccountRefusedError
from services.invitations import InvitationOverError, accept_invitation, open_invitation
from services.models import Invitation
from services.vocabulary import Role


class JoinForm(forms.Form):
    """A name, and a password twice."""

    username = forms.CharField(
        label="Your name here",
        max_length=150,
        help_text="Letters, digits and @ . + - _ only. Admins of your organization see it.",
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label="A password",
        max_length=1000,
        strip=False,
        help_text="At least 12 characters; a few words in a row are easy to remember.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="The password again",
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Both passwords are the same."""
        typed: dict[str, Any] = super().clean() or {}
        if "again" in typed and typed.get("password") != typed["again"]:
            self.add_error("again", "This is not the password from above. Type both once more.")
        return typed


class JoinPage(View):
    """The page of an invitation."""

    http_method_names = ["get", "head", "post"]  # noqa: RUF012 - how Django spells it

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer; what cannot be answered is told on a page too."""
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"], headers=HEADERS)
        try:
            response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[assignment]
        except InvitationOverError:
            response = _page(404, {"over": True})
        except Error as error:
            if not database_is_away(error):
                raise
            response = _page(503, {"away": True})
            response["Retry-After"] = "30"
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """The form. Asking for it changes nothing: scanners of mail follow every link."""
        return _page(200, shown(open_invitation(token), JoinForm()))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Make the account."""
        invitation = open_invitation(token)
        form = JoinForm(_typed(request))
        if not form.is_valid():
            return _page(400, shown(invitation, form))
        typed = form.cleaned_data
        try:
            accept_invitation(token=token, username=typed["username"], password=typed["password"])
        except AccountRefusedError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            return _page(400, shown(invitation, form))
        return _page(200, shown(invitation, form) | {"made": True})


def _typed(request: HttpRequest) -> QueryDict:
    """What was typed; nothing where that cannot be read, and the form then says what is missing."""
    try:
        return request.POST
    except (BadRequest, SuspiciousOperation, MultiPartParserError):
        return QueryDict()


def shown(invitation: Invitation, form: JoinForm) -> dict[str, Any]:
    """What the page says of an invitation. The address it went to is not repeated."""
    return {
        "role": invitation.get_role_display(),
        "organization": invitation.organization,
        "waits": invitation.role == Role.OUTREACH,
        "form": form,
    }


def _page(status: int, told: dict[str, Any]) -> HttpResponse:
    html = render_to_string("api/join.html", told)
    return HttpResponse(html, status=status, headers=HEADERS | {"Content-Language": "en"})
