"""Compiling, with a cache that knows every source the compiled code depends on.

Numba looks at the file of a function to tell whether its cached code still holds. The walk takes in
functions and tables of other files; by that rule a changed prior or filter would go unnoticed. So
each state of the sources has a cache of its own.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar

import numba

HERE = Path(__file__).parent


def _fingerprint() -> str:
    names = ("compiled", "gazetteer", "geodesy", "hours", "ranking", "verifying", "vocabulary")
    sources = [HERE / f"{name}.py" for name in names]
    sources += sorted((HERE / "index").glob("*.py"))
    state = hashlib.sha256(numba.__version__.encode())
    for source in sources:
        state.update(source.read_bytes())
    return state.hexdigest()[:16]


_base = Path(os.environ.get("NUMBA_CACHE_DIR") or HERE / "__pycache__")
numba.config.CACHE_DIR = str(_base / _fingerprint())  # type: ignore[attr-defined]

P = ParamSpec("P")
R = TypeVar("R")


class Compiled(Protocol[P, R]):
    """A compiled function; ``py_func`` is the same uncompiled."""

    py_func: Callable[P, R]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the compiled code."""


def compiled(function: Callable[P, R]) -> Compiled[P, R]:
    """Compile a function. It releases the interpreter's lock, so it holds up no other thread."""
    return _made(function, nogil=True)


def brief(function: Callable[P, R]) -> Compiled[P, R]:
    """Compile a function that takes a fraction of a millisecond, and keeps the interpreter's lock.

    To give the lock away and to wait for it again, behind threads that are just as busy, costs as
    much as a search.
    """
    return _made(function)


def direct(function: Compiled[P, R], *example: Any) -> Callable[P, R]:
    """The compiled code for arguments of the types of an example, which it does not look at again.

    To look at the types of thirty arrays costs a tenth of a search. Whoever calls what this returns
    vouches for them: arrays of these types, that lie in one piece.
    """
    type_of: Callable[[Any], Any] = numba.typeof
    signature = tuple(map(type_of, example))
    function.compile(signature)  # type: ignore[attr-defined]
    found: Callable[P, R] = function.get_overload(signature)  # type: ignore[attr-defined]
    return found


def lean(function: Callable[P, R]) -> Compiled[P, R]:
    """Compile a function that makes no array and hands none back: it counts nobody who uses one.

    Every array handed over is counted up and down else; of a search that was a third of its time.
    """
    return _made(function, nogil=True, _nrt=False)


def _made(function: Callable[P, R], **options: bool) -> Compiled[P, R]:
    settings: dict[str, Any] = {"cache": True, "error_model": "numpy", **options}
    made: Compiled[P, R] = numba.njit(**settings)(function)
    return made
