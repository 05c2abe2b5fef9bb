"""Tests of the program in ``.dev``, which is no package of the project."""

from pathlib import Path

import pytest
from checkout import Checkout


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
