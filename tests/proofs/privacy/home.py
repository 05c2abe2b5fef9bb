"""A whole installation of the census's own: servers, programs and the proxy, all in one folder.

The programs are those of ``make run`` with its settings, and before them runs the shipped proxy.
Everything they could leave behind lies in the folder, the home directory and temporary files too.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from checkout import Checkout
from environment import environment
from foreground import QUIET, programs
from processes import Program
from redis_server import Redis

from tests.proofs.cluster import Cluster
from tests.proofs.privacy.proxy import Proxy
from tests.proofs.sync.home import Home
from tests.proofs.web import Started, free_port, wait_until_all_search

RECORDED = "recorded"  # what the census writes down of servers while they run
COMPILING_SECONDS = 600.0  # on a busy machine, the first time
FOLDERS = ("home", "tmp", "mail", "index", "numba", RECORDED)


class CensusHome(Home):
    """The installation."""

    def __init__(self, checkout: Checkout) -> None:
        self.root, self.folder = checkout.root, checkout.data / "privacy"
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in FOLDERS:
            (self.folder / name).mkdir(parents=True)
        (self.folder / "venv").symlink_to(checkout.venv)
        (self.folder / "static").symlink_to(checkout.data / "static")
        self._compiled = checkout.data / "numba"
        self._compiled.mkdir(exist_ok=True)
        shutil.copytree(self._compiled, self.folder / "numba", dirs_exist_ok=True)
        # Where programs leave things that were not told where to.
        self.outside = [Path(tempfile.gettempdir()), Path.home(), checkout.root]
        self.cluster = Cluster(checkout.root, self.folder)
        self.checkout = self.cluster.checkout
        self.redis = Redis(self.checkout)
        self.settings = environment(self.checkout, os.environ) | {
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "TRUSTED_PROXIES": "127.0.0.1/32",
        }
        self.port = free_port()
        self.proxy = Proxy(checkout.root, self.folder, self.port)
        self._programs = {one.name: one for one in programs(self.checkout, self.port)}
        self.started: dict[str, Started] = {}

    def start_all(self) -> None:
        """Start every program; returns when every web process can search."""
        for name in self._programs:
            self.start(self._programs[name])
        self.start(self.proxy.program)
        wait_until_all_search(self.port, self.started["web"], COMPILING_SECONDS)
        shutil.copytree(self.folder / "numba", self._compiled, dirs_exist_ok=True)
        self.proxy.wait()

    def start(self, program: Program, more: Mapping[str, str] | None = None) -> Started:
        """Start a program; what it says goes to a file of its own."""
        settings = self.settings | QUIET | dict(more or {})
        log = self.folder / f"{program.name}.log"
        self.started[program.name] = Started(program, settings, log)
        return self.started[program.name]

    def restart_web(self, application: str = "", **more: str) -> None:
        """Start the web server anew, with another WSGI application or settings if need be."""
        with contextlib.suppress(KeyError):
            self.started.pop("web").stop()
        program = self._programs["web"]
        command = [*program.command[:-1], application or program.command[-1]]
        web = self.start(Program("web", command, program.extra), more)
        wait_until_all_search(self.port, web)

    def places(self) -> list[Path]:
        """Every folder that the installation writes to."""
        servers, sockets = self.checkout.servers, self.checkout.sockets
        beside = [path for path in (servers, sockets) if self.folder not in path.parents]
        return [self.folder, *beside]

    def clear_away(self) -> None:
        """Stop everything, and delete it."""
        with contextlib.ExitStack() as last:
            last.callback(shutil.rmtree, self.folder, ignore_errors=True)
            last.callback(self.cluster.clear_away)
            if self.redis.is_running():
                last.callback(self.redis.stop)
            for program in self.started.values():
                last.callback(program.stop)

    @property
    def broker(self) -> str:
        """Celery's name for Redis."""
        return f"redis+socket://{self.redis.socket}?virtual_host=0"
