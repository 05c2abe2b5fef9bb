"""A Redis for this checkout alone: the queue and caches, nothing that cannot be lost."""

import subprocess
import time

from accounts import ourselves, private_directory
from checkout import Checkout
from refusal import Refusal

START_SECONDS = 10


class Redis:
    """The server: started and stopped. It keeps nothing on disk."""

    name = "Redis"

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout
        self.account = checkout.account
        self.folder = checkout.servers / "redis"
        self.socket = checkout.sockets / "redis.sock"

    def is_running(self) -> bool:
        """Whether the Redis of this checkout answers."""
        return self.socket.exists() and self._ask("ping").stdout.strip() == "PONG"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        private_directory(self.folder, self.account)
        private_directory(self.checkout.sockets, self.account)
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "logfile": str(self.folder / "server.log"),
            "save": "",
            "appendonly": "no",
            "daemonize": "yes",
        }
        options = [word for key, value in settings.items() for word in (f"--{key}", value)]
        started = self.account.run(["redis-server", *options])
        if started.returncode or not self._answers_soon():
            log = self.folder / "server.log"
            raise Refusal(f"Redis did not start: {started.stdout}{started.stderr}\nIts log: {log}")

    def stop(self) -> None:
        """Stop the server."""
        self._ask("shutdown", "nosave")

    def _answers_soon(self) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.is_running():
                return True
            time.sleep(0.05)
        return False

    def _ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        return ourselves().run(["redis-cli", "-s", str(self.socket), *words])
