"""The shapes of answers about staleness, for the OpenAPI document."""

from typing import Any

from rest_framework import serializers as s

from services import vocabulary as v

Shape = s.Serializer[Any]


class StalenessTold(Shape):
    """What is known of a group of listed services."""

    services = s.IntegerField(min_value=1)
    confirmed_share = s.FloatField(
        help_text="Confirmed in the last 90 days, the site or the service"
    )
    told_share = s.FloatField(help_text="Whose latest word has not expired, or closed for now")
    never_reported = s.IntegerField()
    median_age_hours = s.FloatField(
        allow_null=True, help_text="Of the latest word, where there is one"
    )
    p90_age_hours = s.FloatField(allow_null=True)
    services_reporting = s.IntegerField(help_text="That were ever reported")
    days_missed = s.IntegerField(help_text="Of the last 30 complete days, summed over these")
    most_days_missed = s.IntegerField(allow_null=True, help_text="By one service")
    services_non_compliant = s.IntegerField(help_text="2 days missed in a row, or 5 of the last 30")
    compliant = s.BooleanField(allow_null=True, help_text="null if no service reports")


class RegionStaleness(StalenessTold):
    """A state or province."""

    country = s.CharField()
    region = s.CharField(allow_blank=True, help_text="Empty for sites that serve a whole country")


class RegionsStaleness(Shape):
    """All states and provinces with a listed service."""

    at = s.DateTimeField(help_text="The moment it is about: the last full five minutes")
    results = RegionStaleness(many=True)


class OrganizationStaleness(StalenessTold):
    """An organization."""

    id = s.UUIDField()
    name = s.CharField()
    region = s.CharField(allow_blank=True)
    country = s.CharField()


class OrganizationsStaleness(Shape):
    """A page of organizations, in order of id."""

    at = s.DateTimeField(help_text="The moment it is about: the last full five minutes")
    next = s.CharField(allow_null=True, help_text="The next page's path; follow it as it is")
    previous = s.CharField(allow_null=True)
    results = OrganizationStaleness(many=True)


class ServiceStalenessTold(Shape):
    """A service."""

    id = s.UUIDField()
    kind = s.ChoiceField(choices=v.Kind.choices)
    site = s.UUIDField()
    state = s.ChoiceField(choices=v.Availability.choices)
    as_of = s.DateTimeField(allow_null=True)
    confirmed_at = s.DateTimeField(allow_null=True, help_text="The service or its site")
    days_missed = s.IntegerField(allow_null=True, help_text="null if it was never reported")
    missed_on = s.ListField(child=s.DateField(), help_text="Days on the site's clock")
    compliant = s.BooleanField(allow_null=True, help_text="null if it was never reported")


class OneOrganizationStaleness(OrganizationStaleness):
    """An organization with its services."""

    at = s.DateTimeField(help_text="The moment it is about: the last full five minutes")
    results = ServiceStalenessTold(many=True)
