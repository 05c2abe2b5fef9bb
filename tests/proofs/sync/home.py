"""Servers of this proof's own: PostgreSQL, Redis, web and worker. Each of them can be killed."""

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import redis
from checkout import Checkout
from foreground import QUIET, programs
from processes import Program
from redis_server import Redis
from refusal import Refusal

from tests.proofs.cluster import Cluster, url
from tests.proofs.web import Started, free_port, wait_until_all_search

TRIES, PAUSE_S = 50, 0.2  # until the system has cleared a killed server away
CLEARED_AWAY = 10.0  # seconds


class Home:
    """All servers of the proof. They are the programs of ``make run`` with its settings."""

    def __init__(self, checkout: Checkout, name: str) -> None:
        self.folder = checkout.data / name
        self.cluster = Cluster(checkout.root, self.folder / "servers")
        self.redis = Redis(self.cluster.checkout)
        self.settings = dict(os.environ) | self._where()
        self.port = free_port()
        self._programs = {one.name: one for one in programs(checkout, self.port)}

    def _where(self) -> dict[str, str]:
        return {
            "DATABASE_URL": url(self.cluster.host, session="read-write"),
            "REDIS_URL": f"unix://{quote(str(self.cluster.checkout.sockets))}/redis.sock?db=0",
            "INDEX_FOLDER": str(self.folder / "index"),
            "REPLICA_URL": "",
        }

    def start_servers(self) -> None:
        """Start PostgreSQL and Redis, empty."""
        servers = self.cluster.checkout.servers
        shutil.rmtree(servers, ignore_errors=True)
        servers.mkdir(parents=True)
        servers.chmod(0o711)
        self.cluster.start()
        self.redis.start()

    def start_programs(self) -> None:
        """Start web and worker; returns when every web process can search."""
        self.web = self._started("web")
        self.worker = self._started("worker")
        wait_until_all_search(self.port, self.web)

    def program(self, name: str) -> Program:
        """As ``make run`` starts it."""
        return self._programs[name]

    def _started(self, name: str) -> Started:
        return Started(self._programs[name], self.settings | QUIET, self.folder / f"{name}.log")

    def victims(self) -> dict[str, tuple[Callable[[], None], Callable[[], None]]]:
        """By name, how each is killed and started again."""
        return {
            "web": (self.web.kill, self._start_web),
            "worker": (self.worker.kill, self.worker.start),
            "Redis": (self.kill_redis, lambda: until_it_starts(self.redis.start)),
            "PostgreSQL": (self.cluster.kill, lambda: until_it_starts(self.cluster.start)),
        }

    def _start_web(self) -> None:
        self.web.start()
        wait_until_all_search(self.port, self.web)

    def kill_redis(self) -> None:
        """Kill it; what it held is gone."""
        with redis.Redis(unix_socket_path=str(self.redis.socket)) as asked:
            pid = int(asked.info("server")["process_id"])
        os.kill(pid, signal.SIGKILL)

    def clear_away(self) -> None:
        """Stop everything, and delete it."""
        with contextlib.ExitStack() as last:
            last.callback(shutil.rmtree, self.folder, ignore_errors=True)
            last.callback(self.cluster.clear_away)
            if self.redis.is_running():
                last.callback(self.redis.stop)
            for program in (getattr(self, name, None) for name in ("web", "worker")):
                if program is not None:
                    last.callback(program.stop)


def until_it_starts(start: Callable[[], None]) -> None:
    """Start a server of which something killed may be left for a moment."""
    for left in reversed(range(TRIES)):
        try:
            return start()
        except Refusal as refusal:
            if not left:
                sys.exit(str(refusal))
            time.sleep(PAUSE_S)
    return None


@contextmanager
def home_of(checkout: Checkout, name: str = "sync") -> Iterator[Home]:
    """Empty servers that run, without web and worker; all gone at the end."""
    home = Home(checkout, name)
    shutil.rmtree(home.folder, ignore_errors=True)
    Path(home.folder).mkdir(parents=True)
    try:
        home.start_servers()
        yield home
    finally:
        home.clear_away()
