"""Every label and notice can be read in every language, and says it person first."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).parents[2]
TRANSLATED = [
    "services/vocabulary.py",
    "services/search.py",
    "services/wording.py",
    "api/v1/kinds.py",
    "api/report_forms.py",
    "api/report_page.py",
]
PAGES = ["api/templates/api/report.html"]
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]


def catalog(language: str) -> Path:
    return ROOT / "services" / "locale" / language / "LC_MESSAGES" / "django.po"


def texts() -> list[str]:
    calls = (
        node
        for path in TRANSLATED
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"
    )
    pages = "".join((ROOT / path).read_text() for path in PAGES)
    on_pages = re.findall(r'{% translate "([^"]+)" %}', pages)
    return [str(ast.literal_eval(call.args[0])) for call in calls] + on_pages


def compiled(language: str) -> dict[str, str]:
    with catalog(language).with_suffix(".mo").open("rb") as committed:
        known: dict[str, str] = gettext.GNUTranslations(committed)._catalog  # type: ignore[attr-defined]
    return {text: translation for text, translation in known.items() if text}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_and_notice_is_translated(language: str) -> None:
    known = compiled(language)
    assert len(texts()) > 80
    assert [text for text in texts() if not known.get(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalog_is_that_of_the_readable_one(language: str) -> None:
    entries = re.findall(r'^msgid (".+")\nmsgstr (".*")$', catalog(language).read_text(), re.M)
    readable = {ast.literal_eval(text): ast.literal_eval(said) for text, said in entries}
    assert compiled(language) == readable, "compile it with msgfmt"
