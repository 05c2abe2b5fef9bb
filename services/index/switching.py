"""How soon a search gets the interpreter's lock from a thread that computes for the index."""

import contextlib
import sys
from collections.abc import Iterator

LETS_IN_S = 0.0005
USUAL_S = sys.getswitchinterval()


@contextlib.contextmanager
def letting_searches_in() -> Iterator[None]:
    """While this thread computes, a search waits half a millisecond for the interpreter's lock.

    Usually it may wait for five: between searches alone, to be woken sooner only costs a fifth of
    what a process can answer. Of two threads in such blocks the first to leave ends it for both.
    """
    sys.setswitchinterval(LETS_IN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(USUAL_S)
