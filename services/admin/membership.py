"""Memberships: who belongs to an organization, as what."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from services.accounts import give_role
from services.admin.scope import ScopedAdmin, account_of, moderates
from services.history import sign_history
from services.members import LastAdminError, change_role, is_last_admin, remove_member
from services.models import Membership
from services.vocabulary import Role


class MembershipForm(forms.ModelForm[Membership]):
    """A role, which the only admin of a clinic cannot lay down."""

    by_moderator = False

    def clean_role(self) -> str:
        """Refuse to leave a clinic without an admin."""
        role: str = self.cleaned_data["role"]
        stands = Membership.objects.filter(pk=self.instance.pk).first()
        lost = stands is not None and role != stands.role and is_last_admin(stands)
        if lost and not self.by_moderator:
            raise forms.ValidationError(str(LastAdminError()))
        return role


@admin.register(Membership)
class MembershipAdmin(ScopedAdmin[Membership]):
    """The people of an organization: for its admins, and moderators. Others come by invitation."""

    shows = "manageable_by"
    form = MembershipForm
    list_display = ("user", "role", "organization", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "organization")
    list_per_page = 50
    search_fields = ("user__username", "organization__name")
    search_help_text = "Name of the account or the organization"
    fields = ("user", "organization", "role", "created_at")
    autocomplete_fields = ("user", "organization")
    actions = None  # one at a time: the last admin stays

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Only the role changes."""
        return ("user", "organization", "created_at") if obj else ("created_at",)

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:  # type: ignore[override]
        """The form, which knows whether a moderator fills it in."""
        form: Any = super().get_form(request, obj, **kwargs)
        form.by_moderator = moderates(request)
        return form

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """The only admin leaves by a moderator's hand alone."""
        allowed: bool = super().has_delete_permission(request, obj)
        if allowed and obj is not None and not moderates(request):
            return not is_last_admin(obj)
        return allowed

    def save_model(
        self,
        request: HttpRequest,
        obj: Membership,
        form: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Change the role, or let an account belong to one more organization."""
        by, role = account_of(request), Role(obj.role)
        if change:
            change_role(membership_id=obj.pk, role=role, by=by)
            return
        sign_history(by, organization_id=obj.organization_id)
        give_role(account=obj.user, role=role, organization=obj.organization)
        obj.pk = obj.user.memberships.get(organization=obj.organization).pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        """End the membership, and what hangs on it."""
        remove_member(membership_id=obj.pk, by=account_of(request))
