"""Tests of the program in ``.dev``, which is no package of the project."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / ".dev"))

from checkout import Checkout  # noqa: E402 - it is found only now


@pytest.fixture
def a_checkout(tmp_path: Path) -> Checkout:
    """A working copy with its data beside it."""
    (tmp_path / "data").mkdir()
    return Checkout(root=tmp_path, data=tmp_path / "data")
