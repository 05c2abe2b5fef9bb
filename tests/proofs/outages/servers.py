"""Ways in which a server goes away, and comes back."""

import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import redis

from tests.proofs.cluster import Cluster
from tests.proofs.sync.home import Home, until_it_starts


@dataclass(frozen=True)
class Outage:
    """One of them.

    Attributes:
        of_database: whether it is PostgreSQL that goes away.
    """

    name: str
    begin: Callable[[], None]
    end: Callable[[], None]
    of_database: bool


def outages_of(home: Home) -> list[Outage]:
    """Each server killed, and each stopped."""
    redis_stops, database_stops = Stopping(), Stopping()
    return [
        Outage("Redis killed", home.kill_redis, lambda: until_it_starts(home.redis.start), False),
        Outage(
            "Redis stopped", lambda: redis_stops.stop([redis_pid(home)]), redis_stops.go_on, False
        ),
        Outage(
            "PostgreSQL killed",
            home.cluster.kill,
            lambda: until_it_starts(home.cluster.start),
            True,
        ),
        Outage(
            "PostgreSQL stopped",
            lambda: database_stops.stop_cluster(home.cluster),
            database_stops.go_on,
            True,
        ),
    ]


def redis_pid(home: Home) -> int:
    """Of the server's one process."""
    with redis.Redis(unix_socket_path=str(home.redis.socket)) as asked:
        return int(asked.info("server")["process_id"])


class Stopping:
    """Processes that are stopped, as if they hung, until they may go on."""

    def __init__(self) -> None:
        self._stopped: list[int] = []

    def stop(self, pids: list[int]) -> None:
        """Stop them."""
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
            self._stopped.append(pid)

    def stop_cluster(self, cluster: Cluster) -> None:
        """Stop PostgreSQL: the first process first, so that it starts no more."""
        postmaster = int((cluster.cluster / "postmaster.pid").read_text().split()[0])
        self.stop([postmaster])
        found = subprocess.run(
            ["pgrep", "-P", str(postmaster)],  # noqa: S607 - a tool of the system
            capture_output=True,
            text=True,
            check=False,
        )
        self.stop([int(pid) for pid in found.stdout.split()])

    def go_on(self) -> None:
        """Let them go on."""
        for pid in reversed(self._stopped):
            os.kill(pid, signal.SIGCONT)
        self._stopped.clear()
