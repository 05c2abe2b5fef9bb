from pathlib import Path

from checkout import Checkout
from preparation import fingerprint, load_fixtures


class Told:
    """Stands for manage.py and remembers what it was told."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, ...]] = []

    def __call__(self, *words: str) -> None:
        self.commands.append(words)


def a_checkout_with_data(checkout: Checkout) -> Path:
    checkout.servers.mkdir(parents=True)
    data = checkout.root / "fixtures/toronto/feed.json"
    data.parent.mkdir(parents=True)
    data.write_text("[]")
    return data


def test_the_data_is_loaded_the_first_time_only(a_checkout: Checkout) -> None:
    a_checkout_with_data(a_checkout)
    manage = Told()
    load_fixtures(a_checkout, manage)
    load_fixtures(a_checkout, manage)
    assert manage.commands == [("load_fixtures",)]


def test_changed_data_is_loaded_again(a_checkout: Checkout) -> None:
    data = a_checkout_with_data(a_checkout)
    manage = Told()
    load_fixtures(a_checkout, manage)
    data.write_text("[1]")
    load_fixtures(a_checkout, manage)
    assert len(manage.commands) == 2


def test_what_is_no_data_of_the_demo_loads_nothing(a_checkout: Checkout) -> None:
    a_checkout_with_data(a_checkout)
    manage = Told()
    load_fixtures(a_checkout, manage)
    (a_checkout.root / "fixtures/ranking_vectors.json").write_text("{}")
    load_fixtures(a_checkout, manage)
    assert len(manage.commands) == 1


def test_a_renamed_file_changes_the_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("same")
    before = fingerprint([tmp_path])
    (tmp_path / "one").rename(tmp_path / "two")
    assert fingerprint([tmp_path]) != before
