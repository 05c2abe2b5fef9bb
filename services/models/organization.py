"""Who runs sites."""

import uuid
from typing import ClassVar

import pghistory
from django.db import models

from services.models.change import Change, logs_changes


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

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        indexes: ClassVar = [models.Index(fields=["name"], name="organization_by_name")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(name=""), name="organization_has_a_name"),
        ]
        triggers: ClassVar = logs_changes(Change.Entity.ORGANIZATION)

    def __str__(self) -> str:
        return self.name
