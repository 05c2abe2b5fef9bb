import pytest

from services.imports.text import plain, web_address


@pytest.mark.parametrize("missing", ["NA", "n/a", "", None, " null ", "NaN"])
def test_missing_values_are_empty(missing: object) -> None:
    assert plain(missing) == ""


def test_html_entities_and_stray_blanks_go() -> None:
    assert plain("  Grace &amp; <b>Hope</b>&nbsp; House\r\n") == "Grace & Hope House"


def test_lost_and_invisible_characters_go() -> None:
    assert plain("Campral\ufffd \u200bCl\u0131nic\u202e") == "Campral Cl\u0131nic"


def test_accents_stay() -> None:
    assert plain("Cli\u0301nica de Tratamiento") == "Cl\u00ednica de Tratamiento"


def test_a_website_is_found_in_its_anchor() -> None:
    anchor = '<a href="http://theaccesspoint.ca" target="_blank">theaccesspoint.ca</a>'
    assert web_address(anchor) == ("http://theaccesspoint.ca", "")
    assert web_address("http://Www.FairWinds.com/A") == ("http://www.fairwinds.com/A", "")
    assert web_address("regionten.org") == ("http://regionten.org", "")


@pytest.mark.parametrize("not_one", ["javascript:alert(1)", '<a href="http://"></a>', "none", None])
def test_what_is_no_web_address_is_left_out(not_one: object) -> None:
    assert web_address(not_one)[0] == ""


def test_a_comparison_is_no_tag() -> None:
    assert plain("a < b and c > d") == "a < b and c > d"
