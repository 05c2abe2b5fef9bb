"""A name for the state of some files."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def state_of(paths: Iterable[Path]) -> str:
    """The same for the same files, wherever the checkout is."""
    state = hashlib.sha256()
    for path in sorted(paths):
        state.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return state.hexdigest()
