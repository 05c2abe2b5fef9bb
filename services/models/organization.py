"""Who runs sites."""

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

import pghistory
from django.db import models

from services.models.change import Change, logs_changes
from services.vocabulary import Role

if TYPE_CHECKING:
    from services.models.user import User


class OrganizationQuerySet(models.QuerySet["Organization"]):
    """Sentences about organizations."""

    def editable_by(self, user: "User") -> Self:
        """Those whose listings an account may edit: a moderator all, clinic staff their own."""
        if user.moderates:
            return self
        if not user.is_active:
            return self.none()
        return self.filter(memberships__user=user)

    def administered_by(self, user: "User") -> Self:
        """Those whose people an account may invite and remove."""
        if user.moderates:
            return self
        return self.editable_by(user).filter(
            memberships__user=user, memberships__role=Role.CLINIC_ADMIN
        )


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Organization(models.Model):
    """Runs one or more sites. HSDS: organization."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)
    region = models.CharField(
        max_length=8, blank=True, help_text="State or province: same names elsewhere are others."
    )
    country = models.CharField(max_length=2, default="US")
    website = models.URLField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        indexes: ClassVar = [models.Index(fields=["name"], name="organization_by_name")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(name=""), name="organization_has_a_name"),
        ]
        triggers: ClassVar = logs_changes(Change.Entity.ORGANIZATION)

    def __str__(self) -> str:
        return self.name
