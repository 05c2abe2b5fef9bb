"""What stands beside an edit: a change that waits for a second person, a closing for a time."""

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from services.models.organization import Organization
from services.models.service import Service
from services.models.site import Site
from services.vocabulary import Reporter, Role

if TYPE_CHECKING:
    from services.models.user import User


class HeldChangeQuerySet(models.QuerySet["HeldChange"]):
    """Sentences about held changes."""

    def waiting(self) -> Self:
        """Those nobody decided yet."""
        return self.filter(state=HeldChange.State.WAITING)

    def visible_to(self, user: "User") -> Self:
        """A moderator sees all, clinic staff those of their own organization."""
        return self.filter(organization__in=Organization.objects.editable_by(user))


class HeldChange(models.Model):
    """A dangerous change. It waits for a second person, or a day; the old value is told meanwhile.

    ``changes`` holds what was asked for, in the form of a PATCH body; ``before`` what stood there.
    """

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", _("Waiting")
        APPLIED = "applied", _("Applied")
        REJECTED = "rejected", _("Rejected")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="held_changes"
    )
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, null=True, blank=True, related_name="held_changes"
    )
    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, null=True, blank=True, related_name="held_changes"
    )
    changes = models.JSONField()
    before = models.JSONField(default=dict)
    reasons = ArrayField(models.CharField(max_length=20))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    asked_as = models.CharField(max_length=12, choices=Role.choices)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="Applied then, if nobody decides before")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = HeldChangeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-asked_at", "pk"]
        indexes: ClassVar = [models.Index(fields=["state", "due_at"], name="held_changes_due")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(site=None, service__isnull=False)
                | models.Q(site__isnull=False, service=None),
                name="a_held_change_is_of_one_listing",
            ),
            models.CheckConstraint(
                condition=models.Q(state="waiting", decided_at=None)
                | (~models.Q(state="waiting") & models.Q(decided_at__isnull=False)),
                name="a_decided_change_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{', '.join(self.changes)} of {self.site or self.service}"


class ClosingQuerySet(models.QuerySet["Closing"]):
    """Sentences about closings."""

    def current(self) -> Self:
        """Those in force: not over, and not ended before their time."""
        return self.filter(reopened_at=None, until__gt=timezone.now())

    def endable_by(self, user: "User") -> Self:
        """Those an account may end: a moderator all, clinic staff their own organization's."""
        return self.of(Organization.objects.editable_by(user))

    def of(self, organizations: "Iterable[Organization | uuid.UUID]") -> Self:
        """Those of some organizations; a site's belong to who runs it now."""
        whole = models.Q(site=None, service=None, organization__in=organizations)
        sites = models.Q(site__organization__in=organizations)
        return self.filter(whole | sites | models.Q(service__site__organization__in=organizations))

    def at_sites(self, sites: Iterable[uuid.UUID]) -> Self:
        """Those that close all of some of these sites."""
        owners = Site.objects.filter(pk__in=sites).values("organization")
        whole = models.Q(site=None, service=None, organization__in=owners)
        return self.filter(whole | models.Q(site__in=sites))

    def covering(self, services: Iterable[Service]) -> Self:
        """Those that close some of these services, alone or with others."""
        rows = list(services)
        mine = models.Q(service__in=[one.pk for one in rows])
        sites = {one.site_id for one in rows}
        return self.filter(mine) | self.at_sites(sites)

    def about(self, scope: Organization | Site | Service) -> Self:
        """Those that close an organization, site or service, all around it or a part of it."""
        if isinstance(scope, Organization):
            return self.of([scope])
        if isinstance(scope, Service):
            return self.covering([scope])
        return self.at_sites([scope.pk]) | self.filter(service__site=scope)


class Closing(models.Model):
    """An organization, a site or a service is closed for a time, and opens again by itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="closings", help_text="Whose it is"
    )
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, null=True, blank=True, related_name="closings"
    )
    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, null=True, blank=True, related_name="closings"
    )
    reason = models.CharField(max_length=200, blank=True)
    closed_by = models.CharField(max_length=12, choices=Reporter.choices)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    reopened_at = models.DateTimeField(null=True, blank=True, help_text="Before its time, by hand")

    objects = ClosingQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-made_at", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(made_at__lt=models.F("until")), name="a_closing_has_an_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.closed}: until {self.until:%Y-%m-%d %H:%M}"

    @property
    def closed(self) -> Organization | Site | Service:
        """What is closed."""
        return self.service or self.site or self.organization

    @property
    def owner_id(self) -> uuid.UUID:
        """Whose it is now: a site may have gone to another organization since."""
        site = self.service.site if self.service else self.site
        return site.organization_id if site else self.organization_id

    def covers(self, service: Service, *, organization_id: uuid.UUID) -> bool:
        """Whether it closes a service of an organization."""
        if self.service_id is not None:
            return self.service_id == service.pk
        if self.site_id is not None:
            return self.site_id == service.site_id
        return self.organization_id == organization_id


class Claim(models.Model):
    """An outreach worker is about to call a clinic: nobody else calls it meanwhile."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="claim")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="claims"
    )
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.site}: until {self.until:%H:%M}"
