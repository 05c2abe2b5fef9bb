"""Places that outlast the process that read them, unless they were spoilt."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services import places_file
from services.gazetteer import Gazetteer, PlacesNotReadyError
from services.kept_files import path_of
from services.place_rows import read_places
from tests.builders import a_place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kept() -> None:
    a_place("19125", 39.97, -75.12)
    a_place("Philadelphia", 39.95, -75.16, population=1_500_000)
    places_file.keep(*read_places())


def restored() -> Gazetteer:
    """As in a process that starts while the database is away."""
    gazetteer = Gazetteer()
    gazetteer.is_followed = True
    places_file.restore(gazetteer)
    return gazetteer


def test_they_are_found_and_near_without_the_database(
    django_assert_num_queries: Callable[..., Any],
) -> None:
    with django_assert_num_queries(0):
        gazetteer = restored()
        assert gazetteer.find("19125") == pytest.approx((39.97, -75.12))
        assert gazetteer.find("Philadelphia, PA") == pytest.approx((39.95, -75.16))
        assert ("US", "PA") in gazetteer.areas_near(39.9, -75.1)


def test_the_same_places_are_not_written_twice() -> None:
    before = path_of(".places").stat().st_ino
    places_file.keep(*read_places())
    assert path_of(".places").stat().st_ino == before
    a_place("19126", 40.0, -75.1)
    places_file.keep(*read_places())
    assert path_of(".places").stat().st_ino != before


def spoil(content: bytearray) -> bytearray:
    content[len(content) // 2] ^= 1
    return content


@pytest.mark.parametrize(
    "change", [spoil, lambda content: content[:40], lambda _: b"", lambda _: b"{}" * 40]
)
def test_a_spoilt_file_is_refused(change: Callable[[Any], bytes]) -> None:
    file = path_of(".places")
    file.write_bytes(change(bytearray(file.read_bytes())))
    refuses()


def test_one_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places_file, "FORMAT", "another")
    refuses()


def test_none_is_nothing_to_complain_of() -> None:
    path_of(".places").unlink()
    refuses()


def refuses() -> None:
    with pytest.raises(PlacesNotReadyError):
        restored().find("19125")


def test_nobody_else_can_read_it() -> None:
    assert path_of(".places").stat().st_mode & 0o077 == 0
    assert list(Path(path_of("").parent).glob("*.new")) == []
