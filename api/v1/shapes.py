"""The shapes of answers, for the OpenAPI document. Nothing is serialized through them.

What an answer holds is decided in ``services.listing``; tests hold answers against these shapes.
"""

from typing import Any

from rest_framework import serializers as s

from services import vocabulary as v

Shape = s.Serializer[Any]


class Point(Shape):
    """A GeoJSON point: longitude, latitude."""

    type = s.ChoiceField(choices=["Point"])
    coordinates = s.ListField(child=s.FloatField(), min_length=2, max_length=2)


class PublicPhone(Shape):
    """A number as a phone dials it."""

    number = s.CharField(help_text="E.164, or a short number such as 988")
    extension = s.CharField(allow_null=True)
    label = s.CharField()  # type: ignore[assignment]  # a field, not Field.label


class SiteProperties(Shape):
    """A site. Of a hidden site there is no street address."""

    id = s.UUIDField()
    name = s.CharField()
    address = s.CharField(allow_null=True, allow_blank=True, help_text="null unless public")
    city = s.CharField(allow_null=True, allow_blank=True)
    region = s.CharField(allow_blank=True, help_text="State or province, such as PA")
    postal_code = s.CharField(allow_null=True, allow_blank=True)
    country = s.CharField()
    phones = PublicPhone(many=True)
    website = s.CharField(allow_null=True)
    time_zone = s.CharField(help_text="IANA name")
    visibility = s.ChoiceField(choices=v.Visibility.choices)
    location_accuracy = s.ChoiceField(choices=v.LocationAccuracy.choices)
    delivery = s.ChoiceField(choices=v.Delivery.choices)
    naltrexone = s.BooleanField(allow_null=True)
    confirmed_at = s.DateTimeField(allow_null=True)


class HoursNow(Shape):
    """Whether the door is open; `windows` are OSM opening_hours by type."""

    state = s.ChoiceField(choices=["open", "closed", "unknown"])
    opens_at = s.DateTimeField(allow_null=True)
    closes_at = s.DateTimeField(allow_null=True)
    windows = s.DictField(child=s.CharField(), help_text="By type: open, intake, dosing")


class AvailabilityNow(Shape):
    """The latest word; unknown once it has expired."""

    state = s.ChoiceField(choices=v.Availability.choices)
    remaining = s.IntegerField(allow_null=True, help_text="null is not counted, never zero")
    wait_days = s.IntegerField(allow_null=True)
    note = s.CharField(allow_blank=True)
    as_of = s.DateTimeField(allow_null=True)
    expires_at = s.DateTimeField(allow_null=True)
    reported_by = s.ChoiceField(choices=v.Reporter.choices, allow_null=True)
    disputed = s.BooleanField(help_text="Visitors were turned away since the last word")


class Asam(Shape):
    """ASAM levels of withdrawal management, with the edition they are from."""

    levels = s.ListField(child=s.ChoiceField(choices=v.AsamLevel.choices))
    edition = s.IntegerField(allow_null=True)


class MedicationPolicy(Shape):
    """What a detox or residential service says to medication for opioid use disorder."""

    methadone = s.ChoiceField(choices=v.MoudPolicy.choices)
    buprenorphine = s.ChoiceField(choices=v.MoudPolicy.choices)


class ServiceProperties(Shape):
    """A service as anyone may see it."""

    kind = s.ChoiceField(choices=v.Kind.choices)
    name = s.CharField()
    organization = s.CharField()
    organization_id = s.UUIDField()
    description = s.CharField(allow_blank=True)
    site = SiteProperties()
    hours = HoursNow()
    hours_as_published = s.DictField(child=s.CharField(), help_text="What could not be read surely")
    availability = AvailabilityNow()
    access = s.DictField(
        child=s.BooleanField(allow_null=True),
        help_text="Facts that are known; one that is missing or null is unknown, not no",
    )
    languages = s.ListField(child=s.CharField(), help_text="ISO 639-1")
    min_age = s.IntegerField(allow_null=True)
    max_age = s.IntegerField(allow_null=True)
    asam = Asam()
    moud_policy = MedicationPolicy()
    unit = s.CharField(help_text="What `remaining` counts")
    confirmed_at = s.DateTimeField(allow_null=True)
    sources = s.ListField(child=s.CharField())


class Feature(Shape):
    """A GeoJSON feature; its geometry is null where the place is not told."""

    type = s.ChoiceField(choices=["Feature"])
    id = s.UUIDField()
    geometry = Point(allow_null=True)


class ServiceFeature(Feature):
    """A service."""

    properties = ServiceProperties()


class CompanionProperties(ServiceProperties):
    """A service that goes with another."""

    distance_m = s.IntegerField(help_text="From the site of the service it goes with")


class CompanionFeature(Feature):
    """A service that goes with another, such as naloxone with withdrawal management."""

    properties = CompanionProperties()


class RankedProperties(ServiceProperties):
    """A service with the parts of its rank: the minutes to expect until somebody is served."""

    rank = s.IntegerField(min_value=1)
    distance_m = s.IntegerField(allow_null=True, help_text="null for a service without a point")
    travel_minutes = s.FloatField()
    wait_minutes = s.FloatField()
    p_open = s.FloatField()
    p_served = s.FloatField()
    expected_minutes = s.FloatField(help_text="Smaller is better; the order of the answer")
    unmet = s.ListField(child=s.CharField(), help_text="Wishes it may not meet: not known")
    companions = CompanionFeature(many=True, required=False)


class RankedFeature(Feature):
    """A result."""

    properties = RankedProperties()


class SearchTold(Shape):
    """What was searched for. The position is not repeated."""

    at = s.DateTimeField()
    mode = s.ChoiceField(choices=["walk", "transit", "drive"])
    kinds = s.ListField(child=s.CharField())
    matched_within_km = s.FloatField(allow_null=True)
    notice = s.CharField(allow_null=True, help_text="For the person, in the asked language")
    relaxed = s.ListField(child=s.CharField(), help_text="Wishes given up to find anything")
    stale = s.BooleanField(
        help_text="Whether the database was away just now, so that this may be behind"
    )
    as_of = s.DateTimeField(
        allow_null=True,
        help_text="If stale, when this was last known to be current. After half an hour every "
        "availability is told as unknown: call first",
    )
    more = s.BooleanField(required=False, help_text="Of a cell: ask on with `offset`")


class RankedCollection(Shape):
    """Results in rank order."""

    type = s.ChoiceField(choices=["FeatureCollection"])
    search = SearchTold()
    features = RankedFeature(many=True)


class PlainSiteProperties(SiteProperties):
    """A site with who runs it."""

    organization = s.CharField()
    organization_id = s.UUIDField()


class SiteFeature(Feature):
    """A site."""

    properties = PlainSiteProperties()


class SiteWithServicesProperties(PlainSiteProperties):
    """A site with what it offers."""

    services = ServiceFeature(many=True)


class SiteWithServices(Feature):
    """A site with what it offers."""

    properties = SiteWithServicesProperties()


class PlainOrganization(Shape):
    """Who runs sites."""

    id = s.UUIDField()
    name = s.CharField()
    region = s.CharField(allow_blank=True)
    country = s.CharField()
    website = s.CharField(allow_null=True)


class OrganizationWithSites(PlainOrganization):
    """Who runs sites, with them."""

    sites = SiteFeature(many=True)


class _Page(Shape):
    next = s.CharField(allow_null=True, help_text="The next page's path; follow it as it is")
    previous = s.CharField(allow_null=True)


class ServicePage(_Page):
    """A page of services, in order of id."""

    type = s.ChoiceField(choices=["FeatureCollection"])
    features = ServiceFeature(many=True)


class SitePage(_Page):
    """A page of sites, in order of id."""

    type = s.ChoiceField(choices=["FeatureCollection"])
    features = SiteFeature(many=True)


class OrganizationPage(_Page):
    """A page of organizations, in order of id."""

    results = PlainOrganization(many=True)
