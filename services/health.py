"""Whether the parts this process leans on are there: each asked by name, none waited for long."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db import connection

from services.index import live_index

HEARTBEAT = "health:workers"  # cache key; the worker's clock when it last ran the beat
LATE_SECONDS = 60.0  # workers whose last beat is older are down
PATIENCE_SECONDS = 1.0

UP, DOWN = "up", "down"


def database_answers() -> bool:
    """Whether the database runs a query."""
    for _attempt in range(2):  # a pooled connection may be the old server's
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
                return bool(cursor.fetchone())
        except Exception:
            connection.close()
        finally:
            connection.close()
    return False


def redis_answers() -> bool:
    """Whether the cache can be read."""
    cache.get(HEARTBEAT)
    return True


def workers_beat() -> bool:
    """Whether a worker ran the beat lately."""
    beaten_at = cache.get(HEARTBEAT)
    return isinstance(beaten_at, float) and abs(time.time() - beaten_at) <= LATE_SECONDS


def beat() -> None:
    """Leave the worker's sign of life."""
    cache.set(HEARTBEAT, time.time(), timeout=int(4 * LATE_SECONDS))


def index_is_loaded() -> bool:
    """Whether this process can answer searches."""
    return live_index.is_ready


@dataclass
class Probe:
    """Asks a part in a thread of its own, so that one that hangs is waited for once at a time."""

    ask: Callable[[], bool]
    _asking: threading.Thread | None = None
    _answer: str = DOWN
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> threading.Thread:
        """Ask, unless the last question still hangs."""
        with self._lock:
            if self._asking is None or not self._asking.is_alive():
                self._answer = DOWN
                self._asking = threading.Thread(target=self._run, name="health", daemon=True)
                self._asking.start()
            return self._asking

    def answer(self) -> str:
        """What it said; down while it has not."""
        return self._answer

    def _run(self) -> None:
        try:
            self._answer = UP if self.ask() else DOWN
        except Exception:
            self._answer = DOWN


PROBES: dict[str, Probe] = {
    "database": Probe(database_answers),
    "redis": Probe(redis_answers),
    "workers": Probe(workers_beat),
    "index": Probe(index_is_loaded),
}


def parts() -> dict[str, str]:
    """The state of each part by name: up or down. Takes a second at most, whatever hangs."""
    patient_until = time.monotonic() + PATIENCE_SECONDS
    asking = [probe.start() for probe in PROBES.values()]
    for thread in asking:
        thread.join(max(0.0, patient_until - time.monotonic()))
    return {name: probe.answer() for name, probe in PROBES.items()}
