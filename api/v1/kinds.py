"""GET /api/v1/kinds/: the vocabulary, with labels in the asked language."""

import datetime as dt
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema

from api.answers import JSON, as_json, conditional
from api.fields import UnusableError
from api.language import language_of
from api.light import LightView
from api.parameters import refuse_unknown
from api.refusals import INVALID, FieldError, RefusedError
from api.v1.nearby import LANGUAGE
from api.v1.vocabulary_shapes import Vocabulary
from services import vocabulary as v

MINUTE = dt.timedelta(minutes=1)
CHOICES: dict[str, type[TextChoices]] = {
    "states": v.Availability,
    "reporters": v.Reporter,
    "visibilities": v.Visibility,
    "location_accuracies": v.LocationAccuracy,
    "deliveries": v.Delivery,
    "hours_types": v.HoursType,
    "medication_policies": v.MoudPolicy,
    "asam_levels": v.AsamLevel,
}


def kind_document(kind: v.Kind) -> dict[str, Any]:
    """A kind with what search and ranking know of it."""
    facts = v.KIND_FACTS[kind]
    return {
        "kind": kind.value,
        "label": str(kind.label),
        "unit": str(facts.unit),
        "synonyms": list(facts.synonyms),
        "half_life_minutes": facts.half_life / MINUTE,
        "expires_minutes": facts.expires / MINUTE,
        "prior": facts.prior,
    }


def access_documents() -> list[dict[str, Any]]:
    """The access facts; of the derived one, what it is derived from."""
    facts: list[dict[str, Any]] = [
        {"fact": fact, "label": str(label), "needs": None} for fact, label in v.ACCESS_FACTS.items()
    ]
    low_barrier = {"fact": v.LOW_BARRIER, "label": _("Low barrier"), "needs": v.LOW_BARRIER_NEEDS}
    return [*facts, low_barrier]


@cache
def vocabulary_in(language: str) -> bytes:
    """The whole vocabulary; it changes with the code only."""
    with translation.override(language):
        told: dict[str, Any] = {
            "language": language,
            "kinds": [kind_document(kind) for kind in v.Kind],
            "access": access_documents(),
        }
        for name, choices in CHOICES.items():
            told[name] = [{"value": value, "label": str(label)} for value, label in choices.choices]
        return as_json(told)


class KindList(LightView):
    """The vocabulary."""

    @extend_schema(
        operation_id="kinds",
        summary="The vocabulary",
        tags=["vocabulary"],
        parameters=[
            OpenApiParameter("language", str, enum=[code for code, _name in settings.LANGUAGES]),
            OpenApiParameter("Accept-Language", str, OpenApiParameter.HEADER),
            OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER),
        ],
        responses={(200, JSON): Vocabulary, 304: None},
    )
    def get(self, request: HttpRequest) -> HttpResponse:
        """Kinds of service, access facts and all other words of the API, with labels to show.

        `?language=` decides, else Accept-Language; English where neither is spoken here. Synonyms
        are words people search with; they are not labels.
        """
        refuse_unknown(request, {"language"})
        language = language_of(request, language_asked(request))
        return conditional(
            request,
            vocabulary_in(language),
            content_type=JSON,
            cache_control="public, max-age=3600",
            headers={"Content-Language": language, "Vary": "Accept-Language"},
        )


def language_asked(request: HttpRequest) -> str | None:
    """What ``?language=`` says."""
    asked = request.GET.get("language")
    try:
        return None if asked is None else LANGUAGE.read(asked)
    except UnusableError as error:
        refused = FieldError("language", error.code, error.detail)
        raise RefusedError(INVALID, errors=[refused]) from None
