import shutil

import packages
import pytest
from packages import install_missing_packages
from refusal import Refusal


@pytest.fixture(autouse=True)
def nothing_here(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """A Debian without any of our packages; remembers what apt-get was told."""
    told: list[tuple[str, ...]] = []
    monkeypatch.setattr(packages, "MACOS", False)
    monkeypatch.setattr(packages, "missing_packages", lambda: ["redis-server", "gdal-bin"])
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(packages, "_apt", lambda *words: told.append(words))
    return told


def test_who_may_not_install_is_told_the_one_line(
    monkeypatch: pytest.MonkeyPatch, nothing_here: list[tuple[str, ...]]
) -> None:
    monkeypatch.setattr(packages, "_may_install", lambda: False)
    with pytest.raises(Refusal, match=r"\n    sudo apt-get install .* redis-server gdal-bin\n"):
        install_missing_packages()
    assert nothing_here == []


def test_who_may_install_gets_what_is_missing_and_no_more(
    monkeypatch: pytest.MonkeyPatch, nothing_here: list[tuple[str, ...]]
) -> None:
    monkeypatch.setattr(packages, "_may_install", lambda: True)
    install_missing_packages()
    assert nothing_here[0] == ("update",)
    assert nothing_here[1][-2:] == ("redis-server", "gdal-bin")


def test_nothing_is_asked_of_apt_when_nothing_is_missing(
    monkeypatch: pytest.MonkeyPatch, nothing_here: list[tuple[str, ...]]
) -> None:
    monkeypatch.setattr(packages, "missing_packages", list)
    install_missing_packages()
    assert nothing_here == []


def test_on_macos_the_brew_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "MACOS", True)
    with pytest.raises(Refusal, match="brew install"):
        install_missing_packages()
