"""A region's services for a phone, ready to be sent: any web process serves what a worker built."""

from typing import ClassVar

from django.db import models


class Pack(models.Model):
    """All that a phone needs to search in one region, in one language, at one moment.

    Nothing in it is not public: ``services.packs`` makes it of what ``services.listing`` tells.
    """

    region = models.CharField(max_length=500, help_text="Such as US-PA, or US-ND.US-SD")
    language = models.CharField(max_length=8)
    name = models.TextField(help_text="For people")
    areas = models.JSONField(help_text="[country, state]; an empty state: the whole country")
    services = models.PositiveIntegerField()
    sites = models.PositiveIntegerField()
    body = models.BinaryField(help_text="JSON, gzipped")
    bytes = models.PositiveIntegerField(help_text="Of the JSON")
    bytes_gzip = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, help_text="Of the JSON, in hexadecimal")
    signature = models.CharField(max_length=88, help_text="Ed25519, in Base64")
    cursor = models.CharField(max_length=100)
    xid = models.BigIntegerField(help_text="With change: how far the change log is in it")
    change = models.BigIntegerField()
    day = models.DateField(help_text="From which its hours are told")
    built_at = models.DateTimeField()
    united_at = models.DateTimeField(help_text="When the regions were united as they are")
    made_by = models.CharField(max_length=32, help_text="The state of the code, and the key")

    class Meta:
        ordering: ClassVar = ["region", "language"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "language"], name="a_region_has_one_pack_in_a_language"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} ({self.language})"
