"""Person first: no label, message or document served says otherwise."""

import re

import pytest
from django.test import Client

from api.refusals import ALL
from api.v1.kinds import vocabulary_in
from api.v1.schema import rendered_document

NEVER = re.compile(
    r"\b(addict|abuser|abus[eo]\b|junkie|habit\b|substitu|clean\b|dirty\b"
    r"|adict|drogadict|toxic[oó]man|toxicoman|drogué|sustituci|limpio\b|sucio\b)",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_the_vocabulary_is_person_first(language: str) -> None:
    assert NEVER.findall(vocabulary_in(language).decode()) == []


def test_the_document_is_person_first() -> None:
    assert NEVER.findall(rendered_document("yaml").decode()) == []


def test_every_refusal_is_person_first() -> None:
    for refusal in ALL:
        assert NEVER.findall(Client().get(refusal.type).content.decode()) == []


def test_the_test_knows_such_words() -> None:
    for words in ("addicts", "a clean test", "drug abuser", "tratamiento de sustitución"):
        assert NEVER.search(words)
