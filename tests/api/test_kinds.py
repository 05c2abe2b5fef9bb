"""GET /api/v1/kinds/"""

from typing import Any

import pytest

from services.vocabulary import ACCESS_FACTS, Kind
from tests.api.conftest import Phone

PATH = "/api/v1/kinds/"


def by_kind(response: Any) -> dict[str, dict[str, Any]]:
    return {told["kind"]: told for told in response.json()["kinds"]}


def test_every_kind_is_told_with_what_ranking_knows(phone: Phone) -> None:
    kinds = by_kind(phone.get(PATH))
    assert list(kinds) == Kind.values
    assert kinds["buprenorphine"] == {
        "kind": "buprenorphine",
        "label": "Buprenorphine (Suboxone and others)",
        "unit": "intake slot",
        "synonyms": ["suboxone", "subs", "bupe", "subutex", "sublocade", "OBOT"],
        "half_life_minutes": 1440.0,
        "expires_minutes": 2880.0,
        "prior": 0.3,
    }


def test_every_access_fact_has_a_label(phone: Phone) -> None:
    facts = {told["fact"]: told for told in phone.get(PATH).json()["access"]}
    assert list(facts) == [*ACCESS_FACTS, "low_barrier"]
    assert facts["low_barrier"]["needs"]["walk_in"] is True
    assert all(told["label"] for told in facts.values())


@pytest.mark.parametrize(
    ("query", "accept", "language", "label"),
    [
        ("", "", "en", "Drug checking"),
        ("", "es", "es", "Análisis de drogas"),
        ("", "fr-CA,en;q=0.2", "fr", "Analyse de drogues"),
        ("", "de,en;q=0.5,es;q=0.1", "en", "Drug checking"),
        ("", "*;q=0.5, xx!!, ;;", "en", "Drug checking"),
        ("?language=fr", "es", "fr", "Analyse de drogues"),
        ("?language=es-419", "", "es", "Análisis de drogas"),
        ("?language=ht", "es", "en", "Drug checking"),
    ],
)
def test_labels_are_in_the_asked_language(
    phone: Phone, query: str, accept: str, language: str, label: str
) -> None:
    response = phone.get(PATH + query, headers={"accept-language": accept})
    assert by_kind(response)["drug_checking"]["label"] == label
    assert response.json()["language"] == response["Content-Language"] == language
    assert response["Vary"] == "Accept-Language"


def test_it_is_kept_for_an_hour_and_asked_again_cheaply(phone: Phone) -> None:
    first = phone.get(PATH)
    assert first["Cache-Control"] == "public, max-age=3600"
    assert phone.get(PATH, headers={"if-none-match": first["ETag"]}).status_code == 304
    spanish = phone.get(PATH + "?language=es", headers={"if-none-match": first["ETag"]})
    assert spanish.status_code == 200


@pytest.mark.parametrize("query", ["language=%00", "language=", "language=x", "lang=es"])
def test_wrong_parameters_are_refused(phone: Phone, query: str) -> None:
    assert phone.get(f"{PATH}?{query}").status_code == 400
