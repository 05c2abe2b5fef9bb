"""Form fields of the domain: a point with its map, access facts, languages."""

import json
from typing import Any

from django import forms
from django.contrib.gis.geos import Point
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from services.editing import EditRefusedError
from services.validity import languages_as_kept
from services.vocabulary import ACCESS_FACTS

ANSWERS = {"yes": True, "no": False}
PICKER_CSS = ("services/leaflet/leaflet.css", "services/point-picker.css")
PICKER_JS = ("services/leaflet/leaflet.js", "services/point-picker.js")


class PointPicker(forms.MultiWidget):
    """Two number inputs that work alone, and a map beside them where scripts run.

    The script finds the map by its ``data-`` attributes; nothing is asked of another host.
    """

    template_name = "services/point_picker.html"
    use_fieldset = True  # two inputs, so a legend and not a label
    shown: dict[str, Any]  # what else is on the map: the displaced point, places around

    class Media:
        css = {"all": PICKER_CSS}  # noqa: RUF012 - how Django spells it
        js = PICKER_JS

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        number = {"step": "any", "inputmode": "decimal", "autocomplete": "off"}
        super().__init__(
            {
                "lat": forms.NumberInput({**number, "min": -90, "max": 90}),
                "lon": forms.NumberInput({**number, "min": -180, "max": 180}),
            },
            attrs,
        )
        self.shown = {}

    def decompress(self, value: Point | None) -> list[float | None]:
        """Latitude and longitude of a point."""
        return [value.y, value.x] if value else [None, None]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Latitude and longitude apart, with what else the map shows."""
        context = super().get_context(name, value, attrs)
        context["widget"]["lat"], context["widget"]["lon"] = context["widget"]["subwidgets"]
        return context | {"shown": json.dumps(self.shown), "editable": True}


class PointField(forms.MultiValueField):
    """A point in degrees, entered as latitude and longitude or by a marker."""

    widget = PointPicker

    def __init__(self, **kwargs: Any) -> None:
        fields = (
            forms.FloatField(min_value=-90, max_value=90, required=False),
            forms.FloatField(min_value=-180, max_value=180, required=False),
        )
        super().__init__(fields, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[float | None]) -> Point | None:
        """The point, or none if both numbers are left out."""
        if not data_list or data_list == [None, None]:
            return None
        lat, lon = data_list
        if lat is None or lon is None:
            raise ValidationError("Give both latitude and longitude, or neither.")
        return Point(lon, lat, srid=4326)


class AccessPicker(forms.Widget):
    """Yes, no or unknown for each listed fact."""

    template_name = "services/access_picker.html"
    use_fieldset = True

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """One row a fact."""
        context = super().get_context(name, value, attrs)
        said = value if isinstance(value, dict) else {}
        words: dict[bool | None, str] = {True: "yes", False: "no"}
        context["facts"] = [
            {"key": f"{name}-{fact}", "label": label, "answer": words.get(said.get(fact), "")}
            for fact, label in ACCESS_FACTS.items()
        ]
        context["answers"] = [("yes", "Yes"), ("no", "No"), ("", "Unknown")]
        return context

    def value_from_datadict(
        self, data: Any, files: MultiValueDict[str, Any], name: str
    ) -> dict[str, bool]:
        """The facts that were answered."""
        said = {fact: data.get(f"{name}-{fact}", "") for fact in ACCESS_FACTS}
        return {fact: ANSWERS[answer] for fact, answer in said.items() if answer in ANSWERS}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Whether the form did not ask at all."""
        return not any(f"{name}-{fact}" in data for fact in ACCESS_FACTS)

    def use_required_attribute(self, _initial: Any) -> bool:
        """Unknown is an answer."""
        return False

    def id_for_label(self, _id: str) -> str:
        """No label of its own: each fact has one."""
        return ""


class AccessField(forms.Field):
    """The access facts of a service. What is unknown is left out."""

    widget = AccessPicker

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether any fact is answered otherwise."""
        return (initial or {}) != (data or {})

    def clean(self, value: Any) -> dict[str, bool]:
        """The facts as they are stored."""
        return super().clean(value) or {}


class LanguagesField(SimpleArrayField):
    """ISO 639 codes, separated by commas; stored in lower case, each once, in order."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "ISO codes with commas between, such as en, es, fr, zh.")
        super().__init__(forms.CharField(max_length=3), **kwargs)

    def clean(self, value: Any) -> list[str]:
        """Distinct codes."""
        try:
            return languages_as_kept(super().clean(value) or [])
        except EditRefusedError as refusal:
            raise ValidationError(str(refusal)) from None
