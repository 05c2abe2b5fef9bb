import dataclasses
from pathlib import Path

import pytest
from accounts import ourselves, private_directory
from refusal import Refusal


def test_a_private_directory_is_closed_to_others(tmp_path: Path) -> None:
    made = private_directory(tmp_path / "run", ourselves())
    assert made.stat().st_mode & 0o777 == 0o700


def test_an_open_directory_of_ours_is_closed(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o777)
    made = private_directory(tmp_path / "run", ourselves())
    assert made.stat().st_mode & 0o777 == 0o700


def test_a_link_put_there_by_somebody_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "theirs")
    with pytest.raises(Refusal, match="somebody else"):
        private_directory(tmp_path / "run", ourselves())


def test_a_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    another = dataclasses.replace(ourselves(), uid=ourselves().uid + 1)
    with pytest.raises(Refusal, match="somebody else"):
        private_directory(tmp_path / "run", another)
