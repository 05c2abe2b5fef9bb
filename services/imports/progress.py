"""A progress bar on the terminal's error stream, silent where nobody watches."""

import sys
from collections.abc import Iterable
from typing import TypeVar

from tqdm import tqdm

Thing = TypeVar("Thing")


def bar(
    things: Iterable[Thing], what: str, *, quiet: bool = False, total: int | None = None
) -> Iterable[Thing]:
    """Count things as they are taken, on standard error if that is a terminal."""
    silent = quiet or not sys.stderr.isatty()
    return tqdm(things, desc=what, total=total, disable=silent, leave=False)
