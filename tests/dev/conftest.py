"""Tests of the program in ``.dev``, which is no package of the project."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / ".dev"))

from checkout import Checkout  # noqa: E402 - it is found only now


@pytest.fixture
def a_checkout(tmp_path: Path) -> Checkout:
    """A working copy, with all of its data beside it even for root."""
    return checkout_in(tmp_path, tmp_path / "data")


def checkout_in(root: Path, data: Path) -> Checkout:
    """A working copy whose servers are looked for in its data and nowhere else."""
    data.mkdir(parents=True, exist_ok=True)
    checkout = Checkout(root=root, data=data)
    checkout.__dict__["servers"] = data / "servers"  # as if asked before
    return checkout
