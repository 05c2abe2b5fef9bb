"""Where facts come from: sources, what they said verbatim, and each run of an import."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from services.models.change import Change, logs_changes
from services.models.service import Service
from services.models.site import Site


class Source(models.Model):
    """A published feed, with what its licence asks to be said."""

    slug = models.SlugField(primary_key=True, max_length=60)
    name = models.CharField(max_length=200)
    publisher = models.CharField(max_length=200)
    licence = models.CharField(max_length=200)
    attribution = models.TextField(blank=True)
    published = models.CharField(max_length=40, blank=True, help_text="The feed's own date")

    class Meta:
        ordering: ClassVar = ["slug"]

    def __str__(self) -> str:
        return self.slug


class SourceRecord(models.Model):
    """What a feed said of one facility, verbatim, and the site and services it became."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="records")
    key = models.CharField(
        max_length=200, help_text="The feed's own key, or one made of its content"
    )
    content = models.JSONField(help_text="The record as the feed gave it")
    reading = models.JSONField(
        default=dict, help_text="What we understood of it, as a person never edits it"
    )
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of content and reading rules")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="source_records")
    services = models.ManyToManyField(
        Service, through="ServiceSourcing", related_name="source_records", blank=True
    )
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    vanished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["source", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "key"], name="a_source_names_a_record_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}: {self.key}"


class ServiceSourcing(models.Model):
    """A live record says that a service exists. A record that vanished says nothing."""

    record = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="sourcings")
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="sourcings")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["record", "service"], name="a_record_names_a_service_once"
            ),
        ]
        triggers: ClassVar = logs_changes(Change.Entity.SERVICE, key="service_id", is_part=True)

    def __str__(self) -> str:
        return f"{self.record_id} → {self.service_id}"


class ImportRun(models.Model):
    """One reading of one file: what came of it, and which rows were refused and why."""

    class Status(models.TextChoices):
        """What came of the file."""

        RUNNING = "running", _("Running")
        APPLIED = "applied", _("Applied")
        HELD = "held", _("Held: it would retire too many services")
        FAILED = "failed", _("Failed: nothing was changed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="runs")
    feed = models.CharField(max_length=40, help_text="The reader, such as samhsa_otp")
    file_name = models.CharField(max_length=255)
    file = models.FileField(upload_to="imports/", blank=True, help_text="Kept while held")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.RUNNING)
    counts = models.JSONField(default=dict)
    refusals = models.JSONField(default=list, help_text="[{row, key, reason}]")
    message = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.feed}: {self.file_name} ({self.get_status_display()})"
