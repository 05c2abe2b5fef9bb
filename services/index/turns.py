"""The processes of a machine take turns at work that would keep all of its cores busy."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TextIO

from services.kept_files import is_taken, path_of

PATIENCE_S = 0.25  # longer than a turn takes where two processes share a quiet machine
POLL_S = 0.005


class Turns:
    """The turns of one process at one large piece of work, such as an import to be read.

    Each process reads every service that changed, and a session of the database works for each of
    them. All at once they let searches wait for a core (docs/scaling.md, "What bounds a search").

    Those take turns that share a database and INDEX_FOLDER. A process waits for PATIENCE_S at most,
    and no more once it did so in vain, as there are many or one hangs.
    """

    def __init__(self) -> None:
        self._is_patient = True

    @contextmanager
    def one(self) -> Iterator[None]:
        """Wait until none of the others has its turn, and let one of them have the next."""
        with ExitStack() as turn:
            try:
                if self._is_patient:
                    file = turn.enter_context(path_of(".turn").open("a"))
                    self._is_patient = _is_taken_soon(file)
            except OSError:  # the folder cannot be used: nobody waits
                self._is_patient = False
            yield
        if self._is_patient:
            time.sleep(2 * POLL_S)  # whoever waits looks again meanwhile


def _is_taken_soon(file: TextIO) -> bool:
    patient_until = time.monotonic() + PATIENCE_S
    while not (is_ours := is_taken(file)) and time.monotonic() < patient_until:
        time.sleep(POLL_S)
    return is_ours
