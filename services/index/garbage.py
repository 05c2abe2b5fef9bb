"""Python's search for unreachable cycles, which nobody can do anything beside."""

import contextlib
import functools
import gc
import time
import types
from collections.abc import Iterator

LONGEST_S = 60.0  # then cycles of all others are worth a pause

_off = types.SimpleNamespace(since=time.monotonic())  # at first since the process began


@contextlib.contextmanager
def collecting_no_garbage() -> Iterator[None]:
    """Look for no unreachable cycles until the block ends: reading many services makes few.

    It makes objects by the hundred thousand that live for a moment. Looking at them takes a fourth
    of a load; and while an import is followed it took 100 ms, every other second, in which no
    search was answered.
    """
    was_enabled = gc.isenabled()
    if was_enabled:
        _off.since = time.monotonic()
        gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def collect_from_now_on() -> None:
    """Look for cycles, but not in what the process has begun with: that lives as long as it does.

    Until then a process collects nothing (locator/wsgi.py): it took a sixth of a start.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def collect_after_all() -> None:
    """Look for cycles if none were looked for in a minute.

    A database that hangs may take for ever; a load of millions then goes on with pauses.
    """
    if not gc.isenabled() and time.monotonic() - _off.since > LONGEST_S:
        gc.enable()


@functools.cache  # once in a process: another connection brings little that is new
def spare_collections() -> None:
    """Let no collection look again at what there is by now: to look at it took 130 ms."""
    gc.collect()
    gc.freeze()
