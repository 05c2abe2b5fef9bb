"""Accounts: superusers edit them, moderators see them and approve outreach."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from services.accounts import approve_outreach, revoke_tokens
from services.admin.counting import RESETS, refused
from services.admin.readonly import ReadOnly
from services.admin.scope import account_of, moderates
from services.admin.undo import UndoAdmin
from services.models import Membership, User
from services.second_factor import reset_second_factor
from services.vocabulary import Role

NAME = (None, {"fields": ("username", "email")})
NAME_AND_PASSWORD = (None, {"fields": ("username", "password", "email")})
ROLE = ("Role beyond organizations", {"fields": ("role", "approved_at", "approved_by")})
RIGHTS = (
    "What Django lets them do",
    {
        "fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions"),
        "description": "Roles above and organizations below are enough for everybody but you.",
    },
)
DATES = ("Dates", {"fields": ("last_login", "date_joined")})
SEEN = ("State", {"fields": ("is_active", "last_login", "date_joined")})
NEW = (None, {"classes": ("wide",), "fields": ("username", "usable_password", "password1",
                                               "password2", "email", "role")})  # fmt: skip


class WaitsForApproval(admin.SimpleListFilter):
    """Outreach workers whom no moderator approved yet."""

    title = "approval"
    parameter_name = "approval"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        """The one choice."""
        return [("waits", "Waits for a moderator")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Those who wait."""
        if self.value() != "waits":
            return queryset
        return queryset.filter(role=Role.OUTREACH, approved_at=None, is_active=True)


class MembershipInline(ReadOnly, admin.TabularInline[Membership, User]):
    """Where the account belongs; its own screen changes it."""

    model = Membership
    fields = ("organization", "role", "created_at")
    readonly_fields = ("created_at",)
    extra = 0
    show_change_link = True
    verbose_name_plural = "Belongs to"


@admin.register(User)
class UserAdmin(UndoAdmin, DjangoUserAdmin[User]):
    """A deleted account leaves its reports, without its name."""

    list_display = ("username", "roles", "second_factor", "is_active", "last_login")
    list_filter = (WaitsForApproval, "role", "is_active", "is_superuser")
    search_fields = ("username", "email", "=memberships__organization__id",
                     "memberships__organization__name")  # fmt: skip
    search_help_text = "Name, e-mail address, or an organization's name"
    list_per_page = 50
    readonly_fields = ("approved_at", "approved_by", "last_login", "date_joined")
    add_fieldsets = (NEW,)
    inlines = (MembershipInline,)
    actions = ("approve", "reset_second_factor", "revoke_tokens", "undo")
    change_form_template = "admin/services/user/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """With where each belongs, and whether it has a second factor."""
        device = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        found = super().get_queryset(request).annotate(has_device=Exists(device))
        return found.prefetch_related("memberships__organization")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Rights and the password are for who may change them."""
        if obj is None:
            return self.add_fieldsets
        if self.has_change_permission(request, obj):
            return (NAME_AND_PASSWORD, ROLE, RIGHTS, DATES)
        return (NAME, ROLE, SEEN)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        """A new account belongs nowhere yet."""
        return self.inlines if obj else ()

    @admin.display(description="Roles", ordering="role")
    def roles(self, account: User) -> str:
        """What the account may do, and where; whether somebody must still say so."""
        beyond = ["Superuser"] if account.is_superuser else []
        if account.role:
            waits = account.role == Role.OUTREACH and account.approved_at is None
            beyond += [account.get_role_display() + (", waits for approval" if waits else "")]
        rows = account.memberships.all()
        return "; ".join(
            [*beyond, *(f"{row.get_role_display()}, {row.organization}" for row in rows)]
        )

    @admin.display(description="Second factor", boolean=True)
    def second_factor(self, account: Any) -> bool:
        """Whether it signs in with a code."""
        return bool(account.has_device)

    def save_model(
        self,
        request: HttpRequest,
        obj: User,
        form: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """A moderator may enter the admin."""
        obj.is_staff = obj.is_staff or obj.role == Role.MODERATOR
        super().save_model(request, obj, form, change)

    def has_approve_permission(self, request: HttpRequest) -> bool:
        """Moderators approve."""
        return moderates(request)

    @admin.action(description="Approve as outreach workers", permissions=["approve"])
    def approve(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let the chosen report any listed service."""
        by = account_of(request)
        done = sum(approve_outreach(account_id=account.pk, by=by) for account in queryset)
        messages.success(request, f"{done} approved. Others do no outreach, or were before.")

    @admin.action(description="Undo everything it did since …", permissions=["approve"])
    def undo(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Go to the page that asks from when on."""
        chosen = list(queryset[:2])
        if len(chosen) == 1:
            return HttpResponseRedirect(reverse("admin:services_user_undo", args=[chosen[0].pk]))
        messages.error(request, "Choose one account: each has a moment of its own.")
        return None

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Adds the way to undo what the account did."""
        context["may_undo"] = kwargs.get("obj") is not None and moderates(request)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.action(description="Reset the second factor", permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """For somebody who lost their phone. Make sure it is they who ask."""
        done = 0
        for account in queryset:
            if refusal := refused(request, RESETS):
                messages.error(request, refusal.why)
                break
            done += reset_second_factor(account=account)
        if done:
            messages.success(request, f"{done} reset. They set up an app at the next sign-in.")

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002 - Django's name
        form_url: str = "",
    ) -> HttpResponse:
        """For somebody who forgot it."""
        if request.method == "POST" and (refusal := refused(request, RESETS)):
            messages.error(request, refusal.why)
            return HttpResponseRedirect(request.path)
        return super().user_change_password(request, id, form_url)

    @admin.action(description="Sign out every device", permissions=["change"])
    def revoke_tokens(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Revoke the tokens of the chosen accounts."""
        done = sum(revoke_tokens(account=account) for account in queryset)
        messages.success(request, f"{done} devices signed out.")
