"""Leaving a server alone that failed a moment ago: one caller waits for it, not each."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


class LeftAloneError(Exception):
    """It failed a moment ago and is not asked yet."""


@dataclass(slots=True)
class Breaker:
    """What this process knows of a server.

    Attributes:
        pause_s: seconds for which it is left alone after it failed. Then one caller tries it; until
            that one knows more, the others still leave it alone.
        failures: what counts as its failing.
        left_alone_until: on the monotonic clock.
    """

    pause_s: float
    failures: tuple[type[Exception], ...] = (Exception,)
    left_alone_until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask it in the block; what the block raises is raised.

        Raises:
            LeftAloneError: it failed a moment ago. The block does not run.
        """
        self._begin()
        try:
            yield
        except self.failures:
            self.left_alone_until = time.monotonic() + self.pause_s
            raise
        self.left_alone_until = 0.0

    def _begin(self) -> None:
        with self._lock:
            now = time.monotonic()
            if now < self.left_alone_until:
                raise LeftAloneError
            if self.left_alone_until:  # it failed before: this caller alone tries it
                self.left_alone_until = now + self.pause_s
