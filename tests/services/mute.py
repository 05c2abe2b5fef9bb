"""A Redis that hangs: whoever connects is let in, and never answered. And one that is not there."""

import socket
import tempfile
import threading
from pathlib import Path
from typing import Any, Self


class Mute:
    """Listens on a socket of its own.

    Attributes:
        asked: how many have connected.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name) / "redis.sock"
        self.url = f"unix://{self._path}?db=0"
        self.asked = 0
        self._held: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._path))
        self._listener.listen(64)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        for one in (self._listener, *self._held):
            one.close()
        self._folder.cleanup()

    def _accept(self) -> None:
        while True:
            try:
                self._held.append(self._listener.accept()[0])
            except OSError:  # it was shut
                return
            self.asked += 1


def without_redis(settings: Any) -> None:
    """Let this process look for it where there is none."""
    nowhere = settings.CACHES["default"] | {"LOCATION": "unix:///nowhere/redis.sock"}
    settings.CACHES = {"default": nowhere}
