"""An application without Django, to try the server's own part: the short form of the proof."""

import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from services.leaving import leaving

FOLDER = Path(os.environ["TINY_FOLDER"])
LOADS_S = 0.3


class Tiny:
    """Tells which process answers, and what code it is of."""

    def __init__(self) -> None:
        self.code = (FOLDER / "code").read_text()
        if self.code == "broken":
            raise RuntimeError(self.code)
        self._ready_at = time.monotonic() + LOADS_S
        signal.signal(signal.SIGUSR1, lambda *_: leaving.set())

    def is_ready(self) -> bool:
        """As if it read something first."""
        return time.monotonic() >= self._ready_at

    def is_search(self, environ: dict[str, Any]) -> bool:
        """What takes a while is work."""
        return bool(environ["PATH_INFO"] == "/slow")

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer at once, or after a while."""
        if self.is_search(environ):
            time.sleep(0.3)
        is_early = not self.is_ready()
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{os.getpid()} {self.code} {'early' if is_early else 'ready'}".encode()]


application = Tiny()
