"""A door on the map, a van's stop, or a remote service."""

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

import pghistory
from django.contrib.gis.db import models as gis
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Cast
from phonenumber_field.modelfields import PhoneNumberField

from services.models.change import Change, logs_changes
from services.models.organization import Organization
from services.vocabulary import Delivery, LocationAccuracy, Visibility
from services.zones import is_time_zone

if TYPE_CHECKING:
    from services.models.user import User


def check_time_zone(value: str) -> None:
    """Refuse a name that is not in the IANA time zone database."""
    if not is_time_zone(value):
        raise ValidationError("Use an IANA time zone such as America/New_York.")


def shown(axis: str) -> models.Func:
    """The latitude (``ST_Y``) or longitude (``ST_X``) that anyone may know of a site, or null."""
    point = models.Case(
        models.When(visibility=Visibility.PUBLIC, then="location"),
        models.When(visibility=Visibility.APPROXIMATE, then="displaced_location"),
        output_field=gis.PointField(geography=True),
    )
    return models.Func(
        Cast(point, gis.PointField()), function=axis, output_field=models.FloatField()
    )


class SiteQuerySet(models.QuerySet["Site"]):
    """Sentences about sites."""

    def listed(self) -> Self:
        """Sites that anyone may find."""
        return self.filter(retired_at=None)

    def editable_by(self, user: "User") -> Self:
        """Those an account may edit, retired ones too: a moderator all, clinic staff their own."""
        if user.moderates:
            return self
        return self.filter(organization__in=Organization.objects.editable_by(user))

    def as_shown(self) -> Self:
        """With the point that anyone may know: ``shown_lat`` and ``shown_lon``, in degrees or null.

        The true point stays in the database; nor does reading points one by one cost anything.
        """
        return (
            self.annotate(shown_lat=shown("ST_Y"), shown_lon=shown("ST_X"))
            .defer("location", "displaced_location")
            .select_related("organization")
        )

    def on_the_map(self) -> Self:
        """Listed sites whose exact place is public."""
        return self.listed().filter(visibility=Visibility.PUBLIC, location__isnull=False)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Site(models.Model):
    """Where services are. HSDS: location.

    ``location`` is the true point and stays inside; ``displaced_location`` is what anyone may see
    of an approximate site: fixed once, more than 1 km off, kept when the visibility changes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(max_length=255)
    delivery = models.CharField(
        max_length=6,
        choices=Delivery.choices,
        default=Delivery.DOOR,
        help_text="A remote site serves its region, or its whole country if it names no region.",
    )
    location = gis.PointField(geography=True, null=True, blank=True)
    displaced_location = gis.PointField(geography=True, null=True, blank=True, editable=False)
    location_accuracy = models.CharField(
        max_length=11, choices=LocationAccuracy.choices, default=LocationAccuracy.STREET
    )
    address = models.CharField(max_length=255, blank=True)
    address_extra = models.CharField(max_length=255, blank=True, help_text="Suite, floor, unit")
    city = models.CharField(max_length=120, blank=True)
    region = models.CharField(max_length=8, blank=True, help_text="State or province, such as PA")
    postal_code = models.CharField(max_length=12, blank=True)
    country = models.CharField(max_length=2, default="US")
    time_zone = models.CharField(max_length=64, validators=[check_time_zone])
    website = models.URLField(max_length=500, blank=True)
    visibility = models.CharField(
        max_length=11, choices=Visibility.choices, default=Visibility.PUBLIC
    )
    naltrexone = models.BooleanField(
        null=True, blank=True, help_text="Offers naltrexone: a fact of the site, not a kind."
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["country", "region", "postal_code"], name="site_by_area"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(name=""), name="site_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(delivery=Delivery.REMOTE, location=None)
                | (~models.Q(delivery=Delivery.REMOTE) & models.Q(location__isnull=False)),
                name="a_site_has_a_point_unless_it_is_remote",
            ),
            models.CheckConstraint(
                condition=~models.Q(visibility=Visibility.APPROXIMATE)
                | models.Q(displaced_location__isnull=False),
                name="an_approximate_site_has_a_displaced_point",
            ),
            models.CheckConstraint(
                condition=~models.Q(visibility=Visibility.PHONE_ONLY) | ~models.Q(region=""),
                name="a_phone_only_site_names_its_region",
            ),
            models.CheckConstraint(
                condition=models.Q(visibility__in=Visibility.values),
                name="site_visibility_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(delivery__in=Delivery.values), name="site_delivery_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(location_accuracy__in=LocationAccuracy.values),
                name="site_location_accuracy_is_known",
            ),
        ]
        triggers: ClassVar = logs_changes(Change.Entity.SITE)

    def __str__(self) -> str:
        return self.name


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Phone(models.Model):
    """A number of a site. HSDS: phone."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="phones")
    number = PhoneNumberField(help_text="With country code, such as +1 215 555 0100; or 988, 211")
    extension = models.CharField(max_length=16, blank=True)
    label = models.CharField(max_length=40, default="main")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["site", "number", "extension"], name="a_site_lists_a_number_once"
            ),
            models.CheckConstraint(condition=~models.Q(number=""), name="phone_has_a_number"),
        ]
        triggers: ClassVar = logs_changes(Change.Entity.SITE, key="site_id", is_part=True)

    def __str__(self) -> str:
        return f"{self.number} ({self.label})"
