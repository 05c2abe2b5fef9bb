"""The shape of the vocabulary, for the OpenAPI document."""

from typing import Any

from rest_framework import serializers as s

Shape = s.Serializer[Any]


class KindWord(Shape):
    """A kind of service, and what ranking knows of it."""

    kind = s.CharField()
    label = s.CharField()  # type: ignore[assignment]  # a field, not Field.label
    unit = s.CharField(help_text="What `remaining` counts")
    synonyms = s.ListField(child=s.CharField(), help_text="Understood in searches; not labels")
    half_life_minutes = s.FloatField(help_text="After so long a report weighs half")
    expires_minutes = s.FloatField(help_text="After so long a report states nothing any more")
    prior = s.FloatField(help_text="Chance that a visit succeeds when nothing is known")


class AccessWord(Shape):
    """An access fact; `needs` tells from which facts a derived one follows."""

    fact = s.CharField()
    label = s.CharField()  # type: ignore[assignment]  # a field, not Field.label
    needs = s.DictField(child=s.BooleanField(), allow_null=True)


class Word(Shape):
    """A value with its label."""

    value = s.CharField()
    label = s.CharField()  # type: ignore[assignment]  # a field, not Field.label


class Vocabulary(Shape):
    """All words of the API."""

    language = s.CharField()
    kinds = KindWord(many=True)
    access = AccessWord(many=True)
    states = Word(many=True)
    reporters = Word(many=True)
    visibilities = Word(many=True)
    location_accuracies = Word(many=True)
    deliveries = Word(many=True)
    hours_types = Word(many=True)
    medication_policies = Word(many=True)
    asam_levels = Word(many=True)
