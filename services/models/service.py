"""One kind of help at one site, with its access facts and the latest word on its availability."""

import uuid
from typing import TYPE_CHECKING, Any, ClassVar, Self

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from services.models.change import Change, logs_changes
from services.models.organization import Organization
from services.models.site import Site
from services.vocabulary import (
    ACCESS_FACTS,
    AsamLevel,
    Availability,
    Kind,
    MoudPolicy,
    Reporter,
)

if TYPE_CHECKING:
    from services.index.asking import Query
    from services.models.user import User
    from services.reference import Ranked


def check_access(value: object) -> None:
    """Refuse access facts that are not listed, or that are neither yes nor no."""
    if not isinstance(value, dict):
        raise ValidationError("Access facts are an object of fact: true or false.")
    if unknown := sorted(set(value) - set(ACCESS_FACTS)):
        raise ValidationError(f"Not an access fact: {', '.join(unknown)}.")
    if any(not isinstance(answer, bool) for answer in value.values()):
        raise ValidationError("An access fact is true or false; leave out what is unknown.")


class OnlyListedFacts(models.Func):
    """True if the object holds nothing but listed facts answered by true or false."""

    output_field = models.BooleanField()
    template = (
        "(%(expressions)s - ARRAY[{}]::text[] = '{{}}'::jsonb AND NOT "
        "jsonb_path_exists(%(expressions)s, '$.* ? (@.type() != \"boolean\")'))"
    ).format(",".join(f"'{fact}'" for fact in ACCESS_FACTS))

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, tuple[Any, ...]]:
        """The template names its expression twice, so a value in it is given twice."""
        sql, params = super().as_sql(*args, **kwargs)
        return sql, (*params, *params)


class ServiceQuerySet(models.QuerySet["Service"]):
    """Sentences about services."""

    def listed(self) -> Self:
        """Services that anyone may find."""
        return self.filter(retired_at=None, site__retired_at=None)

    def editable_by(self, user: "User") -> Self:
        """Those an account may edit, retired ones too: a moderator all, clinic staff their own."""
        if user.moderates:
            return self
        return self.filter(site__organization__in=Organization.objects.editable_by(user))

    def reportable_by(self, user: "User") -> Self:
        """Listed ones whose availability an account may report: outreach all, clinics their own."""
        if user.does_outreach:
            return self.listed()
        return self.listed().editable_by(user)

    def ranked_reference(self, query: "Query") -> "list[Ranked]":
        """What the search index must find, worked out by PostGIS by brute force: for tests only.

        Never call it for a searcher: it would tell the database where somebody is.
        """
        from services.reference import ranked  # noqa: PLC0415 - tests alone need it

        return ranked(query)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Service(models.Model):
    """HSDS: service_at_location with its service, and service_capacity for the availability."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="services")
    kind = models.CharField(max_length=24, choices=Kind.choices)
    name = models.CharField(
        max_length=255, blank=True, help_text="Only if it differs from the site's"
    )
    description = models.TextField(blank=True)
    access = models.JSONField(default=dict, blank=True, validators=[check_access])
    languages = ArrayField(models.CharField(max_length=3), default=list, blank=True)
    min_age = models.PositiveSmallIntegerField(null=True, blank=True)
    max_age = models.PositiveSmallIntegerField(null=True, blank=True)
    asam_levels = ArrayField(
        models.CharField(max_length=6, choices=AsamLevel.choices), default=list, blank=True
    )
    asam_edition = models.PositiveSmallIntegerField(null=True, blank=True)
    methadone_policy = models.CharField(
        max_length=8, choices=MoudPolicy.choices, default=MoudPolicy.UNKNOWN
    )
    buprenorphine_policy = models.CharField(
        max_length=8, choices=MoudPolicy.choices, default=MoudPolicy.UNKNOWN
    )

    # The latest word, written by services.availability alone; the reports are its history.
    state = models.CharField(
        max_length=18, choices=Availability.choices, default=Availability.UNKNOWN, editable=False
    )
    remaining = models.PositiveIntegerField(null=True, editable=False)
    wait_days = models.PositiveIntegerField(null=True, editable=False)
    note = models.CharField(max_length=500, blank=True, editable=False)
    as_of = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(null=True, editable=False)
    reported_by = models.CharField(
        max_length=12, choices=Reporter.choices, blank=True, editable=False
    )
    disputed = models.BooleanField(default=False, editable=False)
    evidence_for = models.FloatField(default=0.0, editable=False)
    evidence_against = models.FloatField(default=0.0, editable=False)
    evidence_at = models.DateTimeField(null=True, editable=False)
    # Learned from its reports; without any its kind's prior holds.
    long_run_chance = models.FloatField(null=True, editable=False)

    # A closing for a time, written by services.closing alone; a newer word ends it.
    closed_at = models.DateTimeField(null=True, editable=False)
    closed_until = models.DateTimeField(null=True, editable=False)
    closed_by = models.CharField(
        max_length=12, choices=Reporter.choices, blank=True, editable=False
    )

    confirmed_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["kind", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["site", "kind"], name="a_site_offers_a_kind_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=Kind.values), name="kind_of_service_is_known"
            ),
            models.CheckConstraint(
                condition=OnlyListedFacts("access"), name="access_facts_are_yes_or_no"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=Availability.values), name="availability_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=Availability.UNKNOWN)
                | models.Q(as_of__isnull=False, expires_at__isnull=False),
                name="known_availability_has_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=Availability.FULL, remaining__gt=0),
                name="a_full_service_has_nothing_remaining",
            ),
            models.CheckConstraint(
                condition=models.Q(evidence_for__gte=0, evidence_against__gte=0),
                name="evidence_is_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(evidence_for=0, evidence_against=0)
                | models.Q(evidence_at__isnull=False),
                name="evidence_has_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(long_run_chance=None)
                | models.Q(long_run_chance__gt=0, long_run_chance__lt=1),
                name="long_run_chance_is_a_chance",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None, closed_until=None)
                | models.Q(closed_at__lt=models.F("closed_until")),
                name="a_closing_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=models.Q(min_age=None)
                | models.Q(max_age=None)
                | models.Q(min_age__lte=models.F("max_age")),
                name="ages_are_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(asam_levels=[]) | models.Q(asam_edition__isnull=False),
                name="asam_level_names_its_edition",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["expires_at"],
                name="services_whose_word_expires",
                condition=models.Q(expires_at__isnull=False),
            ),
        ]
        triggers: ClassVar = logs_changes(Change.Entity.SERVICE)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} — {self.name or self.site.name}"
