"""Postal codes and cities: where a place lies, and its time zone. Searched in memory."""

from typing import ClassVar

from django.contrib.gis.db import models as gis
from django.db import models
from django.utils.translation import gettext_lazy as _


class Place(models.Model):
    """A ZIP's centroid or a city. What people search for is looked up in memory, never here."""

    class Type(models.TextChoices):
        """What sort of place."""

        POSTAL_CODE = "postal_code", _("Postal code")
        CITY = "city", _("City")

    type = models.CharField(max_length=11, choices=Type.choices)
    name = models.CharField(max_length=200, help_text="The postal code, or the city's name")
    region = models.CharField(max_length=8, blank=True, help_text="State or province, such as PA")
    country = models.CharField(max_length=2)
    location = gis.PointField(geography=True)
    time_zone = models.CharField(max_length=64)
    population = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["type", "name", "pk"]
        indexes: ClassVar = [models.Index(fields=["type", "name"], name="place_by_name")]

    def __str__(self) -> str:
        return f"{self.name}, {self.region}" if self.region else self.name
