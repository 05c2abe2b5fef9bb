"""Messages on their way to clinics, and what makes them: plans, reminders, links."""

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from services.models.service import Service
from services.models.site import Site

if TYPE_CHECKING:
    import datetime as dt


class ReportingPlan(models.Model):
    """When a site's staff report, and where a reminder reaches them. Never shown to anyone else."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="reporting_plan")
    contact_email = models.EmailField()
    shift_times = ArrayField(
        models.TimeField(),
        default=list,
        blank=True,
        help_text="On the site's clock, when somebody is there to answer, such as 07:00, 15:00",
    )
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Reporting plan of {self.site}"


class ReportLink(models.Model):
    """Lets its bearer report the availability at one site, and nothing else, until it expires."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="report_links")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-made_at"]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="report_links_by_end")]

    def __str__(self) -> str:
        return f"Link of {self.site}, until {self.expires_at:%Y-%m-%d %H:%M}"


class MessageQuerySet(models.QuerySet["Message"]):
    """Sentences about messages."""

    def waiting(self) -> Self:
        """Neither sent nor given up."""
        return self.filter(sent_at=None, given_up_at=None)

    def done_before(self, moment: "dt.datetime") -> Self:
        """Sent or given up before then."""
        return self.filter(models.Q(sent_at__lt=moment) | models.Q(given_up_at__lt=moment))


class Message(models.Model):
    """The outbox: written in the transaction that causes it, sent by a worker afterwards."""

    class Purpose(models.TextChoices):
        """What it is about."""

        REMINDER = "reminder", _("Reminder to report")
        LINK = "link", _("Link to report")
        INVITATION = "invitation", _("Invitation")
        HELD = "held", _("A change waits for a second person")
        CLOSING = "closing", _("Closed for a time")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(
        max_length=120, unique=True, help_text="The same cause makes the same key: one message"
    )
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="Not sent before; moved on after a failed attempt")
    expires_at = models.DateTimeField(help_text="Not sent any more after")
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-made_at", "pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                name="messages_to_send",
                condition=models.Q(sent_at=None, given_up_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {self.made_at:%Y-%m-%d %H:%M}"


class Reminder(models.Model):
    """That somebody was reminded before a word expired: once for each expiry."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="reminders")
    expires_at = models.DateTimeField()
    message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, related_name="reminders"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["service", "expires_at"], name="one_reminder_for_one_expiry"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service}, before {self.expires_at:%Y-%m-%d %H:%M}"
