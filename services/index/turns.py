"""The processes of a machine take turns at work that would keep all of its cores busy."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TextIO

from services.kept_files import path_of

PATIENCE_S = 0.5  # a turn takes a fifth of that; whoever waits longer goes on beside the others
POLL_S = 0.005


@contextmanager
def in_turn() -> Iterator[None]:
    """Wait until no other process of this machine is at it, but not for long.

    After an import each process reads every service that changed, and so does a session of the
    database for it. All at once they let searches wait for a core, ten times as long as usual.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(path_of(".turn").open("a"))
            _wait_for(file)
        except OSError:  # the folder cannot be used: then nobody waits
            pass
        yield


def _wait_for(file: TextIO) -> None:
    patient_until = time.monotonic() + PATIENCE_S
    while not _is_ours(file) and time.monotonic() < patient_until:
        time.sleep(POLL_S)


def _is_ours(file: TextIO) -> bool:
    """Whether the lock was free. It is given back when the file is closed, or the process ends."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
