"""Who may sign in, in which role, and with which devices."""

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

import pghistory
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from knox.models import AbstractAuthToken, get_digest_token
from knox.settings import CONSTANTS, knox_settings

from services.models.organization import Organization
from services.vocabulary import CLINIC_ROLES, Role

if TYPE_CHECKING:
    from services.models.service import Service


class User(AbstractUser):  # type: ignore[django-manager-missing]  # of knox
    """A person with an account: clinic staff, outreach, a moderator. Searchers have none."""

    role = models.CharField(
        max_length=12,
        blank=True,
        choices=[(role.value, role.label) for role in Role if role not in CLINIC_ROLES],
        help_text="Beyond organizations. Staff of a clinic have their role in its organization.",
    )
    approved_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Outreach reports only once approved"
    )
    approved_by = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta(AbstractUser.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(role__in=["", Role.OUTREACH, Role.MODERATOR]),
                name="role_beyond_organizations_is_known",
            ),
        ]

    @property
    def moderates(self) -> bool:
        """Whether every listing is theirs to mend."""
        return self.is_active and (self.is_superuser or self.role == Role.MODERATOR)

    @property
    def does_outreach(self) -> bool:
        """Whether they may report any listed service: outreach that a moderator approved."""
        return self.is_active and self.role == Role.OUTREACH and self.approved_at is not None

    def role_at(self, organization_id: uuid.UUID) -> Role | None:
        """Their role in an organization, or None."""
        if not self.is_active:
            return None
        held = self.memberships.filter(organization=organization_id).values_list("role", flat=True)
        return next((Role(role) for role in held), None)

    def role_towards(self, service: "Service") -> Role | None:
        """In which role they speak of a service; None if they have no say."""
        if role := self.role_at(service.site.organization_id):
            return role
        if self.moderates:
            return Role.MODERATOR
        return Role.OUTREACH if self.does_outreach else None


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Sentences about memberships."""

    def manageable_by(self, user: User) -> Self:
        """Those that an account may end: a moderator all, a clinic admin those of their own."""
        if user.moderates:
            return self
        return self.filter(organization__in=Organization.objects.administered_by(user))


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Membership(models.Model):
    """An account belongs to an organization."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(
        max_length=12, choices=[(role.value, role.label) for role in CLINIC_ROLES]
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["organization", "created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "organization"], name="an_account_belongs_to_a_clinic_once"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=CLINIC_ROLES), name="role_in_a_clinic_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, {self.organization}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Sentences about invitations."""

    def manageable_by(self, user: User) -> Self:
        """Those that an account sees and withdraws: a moderator all, a clinic admin their own."""
        if user.moderates:
            return self
        return self.filter(organization__in=Organization.objects.administered_by(user))


class Invitation(models.Model):
    """A link mailed to a person who shall have an account. The person chooses name and password."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField()
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, blank=True, related_name="invitations"
    )
    role = models.CharField(max_length=12, choices=Role.choices)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-made_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(role__in=CLINIC_ROLES, organization__isnull=False)
                | (~models.Q(role__in=CLINIC_ROLES) & models.Q(organization=None)),
                name="a_clinic_role_is_in_a_clinic",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, until {self.expires_at:%Y-%m-%d}"


class DeviceTokenManager(models.Manager["DeviceToken"]):
    """Makes tokens."""

    def issue(self, *, user: User, name: str) -> "tuple[DeviceToken, str]":
        """A new token, and its text: told once, and kept only as a hash."""
        digest, text = get_digest_token()
        key = text[: CONSTANTS.TOKEN_KEY_LENGTH]
        expiry = timezone.now() + knox_settings.TOKEN_TTL
        device = self.create(digest=digest, token_key=key, user=user, expiry=expiry, name=name)
        return device, text


class DeviceToken(AbstractAuthToken):  # type: ignore[misc]
    """What a device signs in with: kept as a hash, named by its owner, revoked at once."""

    id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)

    objects = DeviceTokenManager()

    class Meta:
        ordering: ClassVar = ["-created"]

    def __str__(self) -> str:
        return self.name
