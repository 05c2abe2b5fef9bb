import subprocess

import gates
import pytest
from checkout import Checkout
from refusal import Refusal


def told(code: int, text: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.CompletedProcess([], code, stdout=text)


@pytest.fixture
def committed(a_checkout: Checkout) -> Checkout:
    (a_checkout.root / "docs").mkdir()
    (a_checkout.root / gates.OPENAPI).write_text("openapi: 3.0.3\npaths: {}\n")
    return a_checkout


def test_a_document_that_differs_is_shown_with_the_remedy(
    committed: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = "openapi: 3.0.3\npaths: {/new/: {}}\n"
    monkeypatch.setattr(gates, "_run", lambda *_, **__: told(0, made))
    assert not gates.openapi_is_current(committed, {})
    said = capsys.readouterr().out
    assert "+paths: {/new/: {}}" in said
    assert "make openapi" in said


def test_the_same_document_passes(committed: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    same = (committed.root / gates.OPENAPI).read_text()
    monkeypatch.setattr(gates, "_run", lambda *_, **__: told(0, same))
    assert gates.openapi_is_current(committed, {})


def test_every_gate_is_tried_and_the_failed_ones_named(
    committed: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def run(_: Checkout, __: object, command: list[str], **___: object) -> object:
        tried.append(command[0])
        return told(1 if command[0] in {"mypy", "lint-imports"} else 0)

    monkeypatch.setattr(gates, "_run", run)
    with pytest.raises(Refusal, match=r"Failed: types, layers, OpenAPI"):
        gates.check(committed, {})
    assert len(tried) == len(gates.GATES) + 1
