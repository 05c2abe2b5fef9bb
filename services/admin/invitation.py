"""Invitations: sent by saving, withdrawn by deleting, never changed."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from services.accounts import AccountRefusedError, check_place_of_role
from services.admin.scope import ScopedAdmin, account_of, moderates
from services.admin.shown import ADMIN_CSS, badge
from services.invitations import (
    Invited,
    TooManyInvitationsError,
    check_flood,
    invite,
    may_invite,
    roles_to_invite,
)
from services.models import Invitation, Organization, User
from services.vocabulary import Role


class InvitationForm(forms.ModelForm[Invitation]):
    """Whom to invite, to what the person who invites may give."""

    by: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" not in self.fields:  # a page that only shows
            return
        own: Any = Organization.objects.administered_by(self.by)
        organization: Any = self.fields["organization"]
        role: Any = self.fields["role"]
        role.choices = [(one.value, one.label) for one in roles_to_invite(self.by)]
        if not self.by.moderates:
            organization.queryset = own
            organization.required = True
            organization.initial = own.first()

    def clean(self) -> dict[str, Any]:
        """Refuse what may not be, beside the field to mend."""
        typed: dict[str, Any] = super().clean() or {}
        if self.errors:
            return typed
        role, organization = Role(typed["role"]), typed.get("organization")
        try:
            check_place_of_role(role, organization)
            check_flood(self.by)
        except AccountRefusedError as error:
            self.add_error("organization", str(error))
        except TooManyInvitationsError:
            self.add_error(None, "Too many of yours wait for an answer. Withdraw some first.")
        else:
            if not may_invite(self.by, role, organization):
                self.add_error("role", "You may not invite to this role.")
        return typed


@admin.register(Invitation)
class InvitationAdmin(ScopedAdmin[Invitation]):
    """Saving mails a link, good for seven days and once. Deleting it ends the link."""

    shows = "manageable_by"
    form = InvitationForm
    list_display = ("email", "state", "role", "organization", "invited_by", "expires_at")
    list_filter = ("role",)
    list_select_related = ("organization", "invited_by")
    list_per_page = 50
    search_fields = ("email", "organization__name")
    search_help_text = "Address or the organization's name"
    autocomplete_fields = ("organization",)

    class Media:
        css = {"all": (ADMIN_CSS,)}  # noqa: RUF012 - Django's way

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A new one has an address and a role; an old one a state as well."""
        typed = ("email", "role", "organization")
        past = ("invited_by", "made_at", "expires_at", "accepted_at", "accepted_by", "state")
        return (*typed, *past) if obj else typed

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:  # type: ignore[override]
        """The form, which knows who invites."""
        form: Any = super().get_form(request, obj, **kwargs)
        form.by = account_of(request)
        return form

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It was mailed as it stands."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        """Clinics keep those that were accepted: they say who let whom in, and when."""
        allowed: bool = super().has_delete_permission(request, obj)
        is_over = obj is not None and obj.accepted_at is not None
        return allowed and (not is_over or moderates(request))

    @admin.display(description="State")
    def state(self, invitation: Invitation) -> SafeString:
        """What became of it."""
        if invitation.accepted_at:
            return badge("Accepted", "good")
        if invitation.expires_at <= timezone.now():
            return badge("Expired", "plain")
        return badge("Waits for an answer", "fair")

    def save_model(
        self,
        request: HttpRequest,
        obj: Invitation,
        form: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Invite."""
        invited = Invited(obj.pk, obj.email, Role(obj.role), obj.organization)
        invitation, _is_new = invite(invited=invited, by=account_of(request))
        obj.made_at, obj.expires_at = invitation.made_at, invitation.expires_at
        messages.info(request, "The link is on its way. It works once, for seven days.")
