"""Processes take turns at large changes. Here threads do: ``flock`` tells open files apart."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from services.index import live_index
from services.index.turns import Turns
from tests.builders import a_service
from tests.services.index.test_live import remembered

ENDLESS_S = 60.0  # the test fails before


def another() -> tuple[threading.Thread, threading.Event]:
    """A process that wants its turn, and whether it has had it."""
    has_had_it = threading.Event()

    def work() -> None:
        with Turns().one():
            has_had_it.set()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread, has_had_it


@pytest.fixture(autouse=True)
def _patient(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.INDEX_FOLDER = str(tmp_path)
    monkeypatch.setattr("services.index.turns.PATIENCE_S", ENDLESS_S)


def test_one_waits_until_the_other_is_through() -> None:
    with Turns().one():
        thread, has_had_it = another()
        assert not has_had_it.wait(0.1)
    assert has_had_it.wait(ENDLESS_S / 2)
    thread.join()


def test_nobody_waits_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.index.turns.PATIENCE_S", 0.05)
    with Turns().one():
        thread, has_had_it = another()
        assert has_had_it.wait(ENDLESS_S / 2)
        thread.join()


def test_who_waited_in_vain_waits_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns()
    with Turns().one():
        with monkeypatch.context() as briefly:
            briefly.setattr("services.index.turns.PATIENCE_S", 0.05)
            with turns.one():
                pass
        monkeypatch.setattr("services.index.turns._is_taken_soon", pytest.fail)
        with turns.one():
            pass


def test_the_other_has_the_next_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, sleep = threading.current_thread(), time.sleep

    def sleep_as_long_as_it_takes(seconds: float) -> None:
        if threading.current_thread() is ours:
            has_had_it.wait(ENDLESS_S / 2)
        else:
            sleep(seconds)

    monkeypatch.setattr("services.index.turns.time.sleep", sleep_as_long_as_it_takes)
    with Turns().one():
        thread, has_had_it = another()
    assert has_had_it.is_set()
    thread.join()


def test_without_a_folder_nobody_waits(settings: Any) -> None:
    settings.INDEX_FOLDER = "/dev/null"
    with Turns().one():
        thread, has_had_it = another()
        assert has_had_it.wait(ENDLESS_S / 2)
        thread.join()


def test_a_turn_ends_with_an_error() -> None:
    with pytest.raises(ZeroDivisionError), Turns().one():
        raise ZeroDivisionError
    thread, has_had_it = another()
    assert has_had_it.wait(ENDLESS_S / 2)
    thread.join()


@pytest.mark.django_db
def test_large_changes_are_taken_in_in_turn_and_small_ones_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.index.following.AT_A_TIME", 2)
    late: list[object] = []

    @contextmanager
    def noted(_: Turns) -> Iterator[None]:
        put.append({"begins"})
        late.append(a_service().pk)
        yield
        put.append({"ends"})

    monkeypatch.setattr(Turns, "one", noted)
    live_index.load()
    put = remembered(monkeypatch, lambda: None)
    a_service()
    live_index.catch_up()
    assert len(put) == 1
    put.clear()
    for _ in range(3):
        a_service()
    live_index.catch_up()
    assert put[0] == {"begins"}
    assert put[1] == {late[0]}
    assert len(put[2]) == 2
    assert put[3] == {"ends"}
    assert len(put[4]) == 1
