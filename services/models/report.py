"""Who saw what, when: the append-only witness of every availability."""

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from services.models.service import Service
from services.vocabulary import Availability, Outcome, Reporter

if TYPE_CHECKING:
    from services.models.user import User


class ReportQuerySet(models.QuerySet["AvailabilityReport"]):
    """Sentences about reports."""

    def standing(self) -> Self:
        """Those that count: not withdrawn."""
        return self.filter(withdrawn_at=None)

    def visible_to(self, user: "User") -> Self:
        """Those in an account's screens: a moderator's all, clinic staff's of their services."""
        if user.moderates:
            return self
        return self.filter(service__in=Service.objects.editable_by(user))


class AvailabilityReport(models.Model):
    """One observation. Its id comes from the reporter's device: a retry is the same event."""

    class Channel(models.TextChoices):
        """How a report came."""

        ADMIN = "admin", _("Admin")
        COMMAND = "command", _("Command line")
        API = "api", _("API")
        FEED = "feed", _("Feed")
        LINK = "link", _("Link in a message")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="reports")
    state = models.CharField(max_length=18, choices=Availability.choices)
    remaining = models.PositiveIntegerField(null=True, blank=True)
    wait_days = models.PositiveIntegerField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    observed_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    reporter = models.CharField(max_length=12, choices=Reporter.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="reports",
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-observed_at", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["service", "-observed_at"], name="reports_of_a_service"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[s for s in Availability.values if s != Availability.UNKNOWN]
                ),
                name="a_report_says_a_known_state",
            ),
            models.CheckConstraint(
                condition=models.Q(reporter__in=Reporter.values), name="reporter_role_is_known"
            ),
        ]
        triggers: ClassVar = [
            # Two changes are allowed: an account that goes leaves its reports, without a name;
            # and a moderator takes a report back, which stays readable.
            pgtrigger.Protect(
                name="append_only",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["account", "withdrawn_at", "withdrawn_by"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state}, {self.get_reporter_display()}, {self.observed_at:%Y-%m-%d %H:%M}"


class VisitOutcome(models.Model):
    """What somebody without an account says a visit came to. Nothing tells who, or from where."""

    id = models.UUIDField(primary_key=True)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="outcomes")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    received_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-received_at", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["service", "-received_at"], name="outcomes_of_a_service"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=Outcome.values), name="outcome_is_known"
            ),
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return self.get_outcome_display()
