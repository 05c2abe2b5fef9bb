"""Compiling without a cache: the simulation's files take in one another, and the product's."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function anew in each process."""
    made: Callable[P, R] = numba.njit(nogil=True)(function)
    return made
