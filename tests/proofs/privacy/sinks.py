"""Every place that keeps things, read to the last byte."""

import os
import stat
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.proofs.privacy.unpacking import layers_of

LARGEST = 1 << 30  # bytes; nothing here comes near it
# Which sink a file belongs to, by a part of its path; the first that fits.
KINDS = {
    "/pg_wal/": "PostgreSQL: write-ahead log",
    "/postgres/server.log": "PostgreSQL: log",
    "/pg_stat": "PostgreSQL: statistics",
    "/postgres/": "PostgreSQL: other files",
    "/redis/server.log": "Redis: log",
    "/redis/": "Redis: dump and append-only file",
    "/recorded/activity": "PostgreSQL: pg_stat_activity while it ran",
    "/recorded/monitor": "Redis: MONITOR while it ran",
    "/recorded/": "Redis: dump and append-only file",
    "/web.log": "web: output",
    "/worker.log": "worker: output",
    "/beat.log": "beat: output",
    "/proxy.log": "proxy: output",
    "/beat-schedule": "beat: schedule",
    "/index/": "index snapshots",
    "/mail/": "mail",
    "/numba/": "compiled code",
    "/caddy/": "proxy: its own files",
    "/home/": "home directory",
    "/tmp/": "temporary files",  # noqa: S108 - a part of a path
}
OTHER = "other files"
ELSEWHERE = "elsewhere on this machine"
NOT_ENTERED = {".git", ".local", "node_modules"}  # .local: other data of this checkout


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that is kept, as bytes.

    Attributes:
        sink: the kind of place.
        where: which file, key or process.
    """

    sink: str
    where: str
    content: bytes

    def layers(self) -> "Iterator[Piece]":
        """The piece, and what it holds packed."""
        for path, content in layers_of(self.content):
            yield Piece(self.sink, self.where + path, content)


def files_below(folders: Iterable[Path]) -> Iterator[Piece]:
    """Every regular file, links not followed."""
    for folder in folders:
        for inner, _, names in os.walk(folder):
            for name in names:
                path = Path(inner) / name
                if (content := _content(path, since=0.0)) is not None:
                    yield Piece(sink_of(path.relative_to(folder)), str(path), content)


def files_elsewhere(places: Iterable[Path], since: float) -> Iterator[Piece]:
    """Files that anybody wrote since a time where programs leave things without being told to."""
    for folder in [*places, *map(Path, ("/var/tmp", "/var/log", "/dev/shm"))]:  # noqa: S108
        for inner, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if name not in NOT_ENTERED]
            for name in names:
                if (content := _content(Path(inner) / name, since)) is not None:
                    yield Piece(ELSEWHERE, str(Path(inner) / name), content)


def _content(path: Path, since: float) -> bytes | None:
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_mtime < since or found.st_size > LARGEST:
            return None
        return path.read_bytes()
    except OSError:  # deleted meanwhile
        return None


def sink_of(path: Path) -> str:
    """The sink a file belongs to, by its path in the folder of all."""
    told = f"/{path}"
    return next((sink for part, sink in KINDS.items() if part in told), OTHER)


def processes(first: Iterable[int]) -> Iterator[Piece]:
    """Command lines and environments of processes and of all they have started."""
    for pid in descendants(first):
        for name, sink in (("environ", "processes: environment"), ("cmdline", "processes: words")):
            try:
                yield Piece(sink, f"process {pid}", Path(f"/proc/{pid}/{name}").read_bytes())
            except OSError:  # it has ended
                continue


def descendants(first: Iterable[int]) -> list[int]:
    """Processes, their children, and so on."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="],  # noqa: S607 - a tool of the system
        capture_output=True,
        text=True,
        check=True,
    )
    parents = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    found, fresh = list[int](), list(first)
    while fresh:
        found += fresh
        fresh = [pid for pid, parent in parents if parent in fresh and pid not in found]
    return found


def may_dump_core(pid: int) -> bool:
    """Whether the system would write down a process's memory if it crashed."""
    limits = Path(f"/proc/{pid}/limits").read_text()
    line = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    return line.split()[4] != "0"
