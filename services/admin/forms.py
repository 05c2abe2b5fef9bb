"""The forms of sites and services."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from services.admin.around import map_of
from services.admin.fields import AccessField, LanguagesField, PointField
from services.editing import EditRefusedError, place_site, time_zone_of
from services.models import Hours, Organization, Phone, Service, Site
from services.phones import SHORT, UNDIALABLE, dialable
from services.validity import (
    refuse_disordered_ages,
    refuse_levels_without_edition,
    refuse_no_place,
    refuse_wrong_hemisphere,
)
from services.vocabulary import AsamLevel, Delivery
from services.websites import WebsiteRefusedError, website_as_kept


class WithWebsite(forms.ModelForm[Any]):
    """A form that may hold an address of the web."""

    def clean_website(self) -> str:
        """As it is stored; one that stands there already is not judged."""
        address: str = self.cleaned_data["website"]
        if not address or "website" not in self.changed_data:
            return address
        try:
            return website_as_kept(address)
        except WebsiteRefusedError as refusal:
            raise ValidationError(str(refusal)) from None


class OrganizationForm(WithWebsite):
    """Who runs sites."""

    class Meta:
        model = Organization
        fields = ()  # the admin names them


class SiteForm(WithWebsite):
    """A site; what follows from its point is worked out, and contradictions are named."""

    location = PointField(
        required=False,
        label="Point",
        help_text="Degrees; west and south are negative. Drag the marker, or type.",
    )

    class Meta:
        model = Site
        fields = ()  # the admin names them

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "location" in self.fields:
            site = None if self.instance._state.adding else self.instance
            self.fields["location"].widget.shown = map_of(site)
        if "time_zone" in self.fields:
            self.fields["time_zone"].required = False
            self.fields["time_zone"].help_text = "Left empty: the zone of the point."

    def clean(self) -> dict[str, Any]:
        """The values together: the point, the way to reach the site, its time zone."""
        data = super().clean() or self.cleaned_data
        point = data.get("location")
        if data.get("delivery") == Delivery.REMOTE:
            data["location"] = point = None
        if point:
            self._refused(lambda: refuse_no_place(point.y, point.x))
            self._refused(
                lambda: refuse_wrong_hemisphere(
                    point.x, country=data.get("country", ""), region=data.get("region", "")
                )
            )
        data["time_zone"] = data.get("time_zone") or time_zone_of(point)
        if not self.errors:
            names = ("delivery", "location", "visibility", "region", "time_zone")
            planned = Site(**{name: data.get(name) for name in names})
            self._refused(lambda: place_site(planned))
        return data

    def _refused(self, check: Callable[[], None]) -> None:
        try:
            check()
        except EditRefusedError as refusal:
            self.add_error(refusal.field, str(refusal))


class PhoneForm(forms.ModelForm[Phone]):
    """A number as people write it where the site is, or a short one such as 988."""

    number = forms.CharField(max_length=40)
    _fields_are_clean = False

    class Meta:
        model = Phone
        fields = ()  # the admin names them

    def clean_number(self) -> str:
        """The number with its country code."""
        country = self.instance.site.country if self.instance.site_id else "US"
        number = dialable(self.cleaned_data["number"], country)
        if number is None:
            raise ValidationError(UNDIALABLE)
        return number

    def validate_unique(self) -> None:
        """Short numbers too are listed once."""
        self._fields_are_clean = True
        super().validate_unique()

    def _get_validation_exclusions(self) -> set[str]:
        # The model's own check knows no short numbers; what is unique is checked after it.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        short = self.cleaned_data.get("number") in SHORT and not self._fields_are_clean
        return excluded | {"number"} if short else excluded


class ServiceForm(forms.ModelForm[Service]):
    """A service: access facts, languages, levels. Availability is reported, not edited."""

    access = AccessField(required=False, label="Access facts")
    languages = LanguagesField(required=False)
    asam_levels = forms.MultipleChoiceField(
        choices=AsamLevel.choices,
        required=False,
        label="ASAM levels of withdrawal management",
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Service
        fields = ()  # the admin names them

    def clean(self) -> dict[str, Any]:
        """A level means something only with the edition it is from."""
        data = super().clean() or self.cleaned_data
        try:
            refuse_levels_without_edition(data.get("asam_levels") or [], data.get("asam_edition"))
            refuse_disordered_ages(data.get("min_age"), data.get("max_age"))
        except EditRefusedError as refusal:
            self.add_error(refusal.field, str(refusal))
        return data


class ServiceRowForm(forms.ModelForm[Service]):
    """A service in its site's list: its kind is chosen once, as reports and feeds refer to it."""

    class Meta:
        model = Service
        fields = ("kind", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].disabled = not self.instance._state.adding


class HoursForm(forms.ModelForm[Hours]):
    """Hours of one type: a rule, unless a feed said something that is none."""

    class Meta:
        model = Hours
        fields = ("type", "rule")

    def clean_rule(self) -> str:
        """A rule may be empty only where a feed's text stands."""
        rule = str(self.cleaned_data["rule"]).strip()
        if not rule and not self.instance.verbatim:
            raise ValidationError("Say when, such as “Mo-Fr 05:30-14:00; PH off”.")
        return rule
