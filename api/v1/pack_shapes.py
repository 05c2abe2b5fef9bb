"""The shapes of packs and pages of changes, for the OpenAPI document; docs/offline.md explains."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as s

Shape = s.Serializer[Any]

COLUMN: dict[str, Any] = {
    "description": "One value a row, in one of three forms",
    "anyOf": [
        {"type": "array", "items": {}},
        {"type": "object", "properties": {"all": {}}, "required": ["all"]},
        {
            "type": "object",
            "properties": {
                "of": {"type": "array", "items": {}},
                "is": {"type": "array", "items": {"type": "integer", "minimum": -1}},
            },
            "required": ["of", "is"],
        },
    ],
}
COLUMNS: dict[str, Any] = {"type": "object", "additionalProperties": COLUMN}
AREA: dict[str, Any] = {
    "type": "array",
    "items": {"type": "string"},
    "minItems": 2,
    "maxItems": 2,
    "description": "Country and state; an empty state: the whole country",
}
KIND_ROW: dict[str, Any] = {
    "type": "array",
    "items": {"anyOf": [{"type": "string"}, {"type": "number"}]},
    "minItems": 3,
    "maxItems": 3,
    "description": "Kind, prior chance, half-life in minutes",
}


@extend_schema_field(COLUMNS)
class Columns(s.JSONField):
    """Rows as columns."""


@extend_schema_field(AREA)
class AreaPair(s.JSONField):
    """An area."""


@extend_schema_field(KIND_ROW)
class KindRow(s.JSONField):
    """A kind."""


class PackEntry(Shape):
    """A region's pack, without its content."""

    region = s.CharField(help_text="Such as US-PA, or US-ND.US-SD")
    name = s.CharField(help_text="For people")
    areas = s.ListField(child=AreaPair())
    services = s.IntegerField()
    sites = s.IntegerField()
    cursor = s.CharField(help_text="From where GET /api/v1/changes/ goes on")
    day = s.DateField(help_text="From which its hours are told")
    built_at = s.DateTimeField()
    bytes = s.IntegerField(help_text="Of the JSON")
    bytes_gzip = s.IntegerField()
    sha256 = s.CharField(help_text="Of the JSON, in hexadecimal")
    signature = s.CharField(help_text="Ed25519, in Base64")


class PackShelf(Shape):
    """The packs that can be had, and the key that signed them."""

    public_key = s.CharField(help_text="Ed25519: 32 bytes in Base64")
    packs = PackEntry(many=True)


class Zone(Shape):
    """A time zone: from a POSIX second on, so many minutes ahead of UTC."""

    name = s.CharField(help_text="IANA name")
    offsets = s.ListField(child=s.ListField(child=s.IntegerField()))


class WeekAndDays(Shape):
    """Opening hours: a week of local minutes, and dates on which they differ."""

    zone = s.IntegerField(help_text="Index into zones")
    week = s.ListField(child=s.ListField(child=s.ListField(child=s.IntegerField())))
    days = s.DictField(child=s.ListField(child=s.ListField(child=s.IntegerField())))


class Towns(Shape):
    """About where an area has towns, on a grid of thirds of a degree."""

    area = AreaPair()
    rows = s.ListField(child=s.ListField(child=s.IntegerField()))


class Body(Shape):
    """What a pack and a page of changes have in common."""

    format = s.CharField(help_text="locator-pack/1")
    region = s.CharField()
    areas = s.ListField(child=AreaPair())
    cursor = s.CharField(help_text="From where GET /api/v1/changes/ goes on")
    day = s.DateField()
    until = s.DateField(help_text="Hours are told up to this day, exclusive")
    kinds = s.ListField(child=KindRow())
    facts = s.ListField(child=s.CharField(), help_text="By bit")
    zones = Zone(many=True)
    schedules = WeekAndDays(many=True)
    sites = Columns()
    services = Columns()


class PackBody(Body):
    """A whole region."""

    language = s.CharField()
    labels = s.DictField(child=s.DictField(child=s.CharField()), help_text="To show")
    towns = Towns(many=True, help_text="By them a phone tells which areas are near")


class ChangesBody(Body):
    """A page of changes."""

    gone = s.ListField(child=s.CharField(), help_text="Ids of services to take out")
    more = s.BooleanField(help_text="Ask on at once")
