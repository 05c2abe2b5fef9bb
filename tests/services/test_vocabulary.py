"""The vocabulary: closed, complete, person-first."""

import pytest

from services.vocabulary import (
    ACCESS_FACTS,
    KIND_BY_WORD,
    KIND_FACTS,
    Kind,
    kind_called,
    low_barrier,
)


def test_every_kind_has_its_facts() -> None:
    assert set(KIND_FACTS) == set(Kind)
    for facts in KIND_FACTS.values():
        assert 0 < facts.prior < 1
        assert facts.half_life <= facts.expires


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("suboxone", Kind.BUPRENORPHINE),
        ("Narcan", Kind.NALOXONE),
        ("needle exchange", Kind.SYRINGE_SERVICES),
        ("Needle-Exchange", Kind.SYRINGE_SERVICES),
        ("OTP", Kind.METHADONE),
        ("syringe_services", Kind.SYRINGE_SERVICES),
        ("rehab", Kind.RESIDENTIAL),
        ("ice cream", None),
    ],
)
def test_people_search_in_their_own_words(word: str, kind: Kind | None) -> None:
    assert kind_called(word) == kind


def test_no_word_means_two_kinds() -> None:
    words = [word for facts in KIND_FACTS.values() for word in facts.synonyms]
    assert len(KIND_BY_WORD) == len(words) + len(
        {kind.value for kind in Kind} - {word.lower() for word in words}
    )


def test_low_barrier_is_unknown_while_a_fact_is() -> None:
    facts = {"walk_in": True, "same_day_start": True, "id_required": False}
    assert low_barrier(facts) is None
    assert low_barrier(facts | {"abstinence_required": False}) is True
    assert low_barrier({"id_required": True}) is False


def test_the_facts_fit_the_index() -> None:
    assert len(ACCESS_FACTS) < 63
