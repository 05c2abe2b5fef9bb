"""A load that goes on by itself until it is stopped."""

import itertools
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Self


@dataclass(kw_only=True)
class Running:
    """Threads that run from the begin of a block to its end, where they finish what they began."""

    stop: threading.Event = field(default_factory=threading.Event)

    def acts(self) -> Iterable[Callable[[], None]]:
        """What is done, each in a thread of its own, until ``stop`` is set."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        """Begin."""
        self._threads = [threading.Thread(target=act) for act in self.acts()]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self.stop.set()
        for thread in self._threads:
            thread.join()

    def steadily(self, act: Callable[[int], None], *, per_second: float, at_once: int) -> None:
        """Begin so many acts a second, at fixed moments, however long each takes."""
        with ThreadPoolExecutor(max_workers=at_once) as people:
            due = time.monotonic()
            for number in itertools.count():
                if self.stop.wait(max(0.0, due - time.monotonic())):
                    return
                people.submit(act, number)
                due += 1 / per_second
