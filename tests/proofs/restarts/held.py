"""What systemd does for servers that share a socket: holds it, waits until they are ready."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from processes import Program

from tests.proofs.sync.home import Home

READY_S, STOPPING_S = 180.0, 30.0
# The shell gives the socket its number, and says whom it is for: only then is that number known.
RUN = 'exec 3<&"$1"; shift; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'


class Held:
    """A server that gets its socket, and tells when it is ready."""

    def __init__(
        self, program: Program, settings: Mapping[str, str], listening: socket.socket, folder: Path
    ) -> None:
        self._program, self._settings, self._listening = program, settings, listening
        self.port: int = listening.getsockname()[1]
        self._notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notified.bind(str(folder / f"notify-{id(self)}"))
        self._notified.settimeout(READY_S)
        self._log = folder / "held.log"

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        number = self._listening.fileno()
        more = {"NOTIFY_SOCKET": self._notified.getsockname()}
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                ["sh", "-c", RUN, "sh", str(number), *self._program.command],  # noqa: S607
                env={**self._settings, **self._program.extra, **more},
                pass_fds=[number],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            assert self._notified.recv(100) == b"READY=1"
        except TimeoutError:
            sys.exit(f"A server did not become ready: see {self._log}.")

    def stop(self) -> None:
        """Ask it to stop, and wait."""
        self._process.terminate()
        self._process.wait(STOPPING_S)

    def clear_away(self) -> None:
        """Kill what is left, and forget the rest."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._notified.close()


@contextmanager
def two_servers(home: Home) -> Iterator[list[Held]]:
    """Two servers that are ready, before one socket."""
    with ExitStack() as last, socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        servers = []
        for _ in range(2):
            server = Held(home.program("web"), home.settings, listening, home.folder)
            servers.append(server)
            server.start()
            last.callback(server.clear_away)
        yield servers
        for server in servers:
            server.stop()
