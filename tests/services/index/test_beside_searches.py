"""What Python does beside searches: when it looks for unreachable cycles, and who has its lock."""

import gc
import sys
from collections.abc import Iterator

import pytest

from services.gazetteer import gazetteer
from services.index import follower, following
from services.index.following import Following
from services.index.garbage import (
    collect_from_now_on,
    collecting_no_garbage,
    spare_collections,
)
from services.index.live import LiveIndex
from services.index.switching import letting_searches_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_who_collected_before_does_so_again() -> None:
    for is_enabled, set_so in ((True, gc.enable), (False, gc.disable)):
        set_so()
        with pytest.raises(RuntimeError):
            _fails_while_none_is_collected()
        assert gc.isenabled() == is_enabled


@collecting_no_garbage()
def _fails_while_none_is_collected() -> None:
    assert not gc.isenabled()
    raise RuntimeError


def test_a_process_begins_to_collect_and_leaves_out_what_it_began_with() -> None:
    gc.disable()
    collect_from_now_on()
    assert gc.isenabled()
    frozen = gc.get_freeze_count()
    assert frozen > 0
    collect_from_now_on()  # after each loss of the connection
    assert gc.get_freeze_count() <= frozen


def test_a_process_collects_even_if_it_can_read_nothing_that_was_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("services.places_file.restore", fails)
    gazetteer.hold({}, [])
    gc.disable()
    with pytest.raises(ZeroDivisionError):
        follower._restore()
    assert gc.isenabled()


def test_another_connection_does_not_stop_all_for_a_collection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spare_collections.cache_clear()
    collected = list[bool]()
    monkeypatch.setattr(gc, "collect", lambda: collected.append(True))
    for _ in range(2):
        spare_collections()
    assert collected == [True]


def test_nothing_is_collected_while_changes_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    index, seen = LiveIndex(), list[bool]()
    index.load()
    unread = Following._unread

    def looked(self: Following, floor: int) -> object:
        seen.append(gc.isenabled())
        return unread(self, floor)

    monkeypatch.setattr(following.Following, "_unread", looked)
    index.catch_up()
    assert seen == [False]
    assert gc.isenabled()


def test_searches_wait_less_for_the_lock_while_the_follower_computes() -> None:
    usual = sys.getswitchinterval()
    with letting_searches_in():
        assert sys.getswitchinterval() <= usual / 5
        with letting_searches_in():  # another thread, for a moment
            pass
        assert sys.getswitchinterval() <= usual / 5
    assert sys.getswitchinterval() == usual
