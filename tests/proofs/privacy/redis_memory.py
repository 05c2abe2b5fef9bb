"""What Redis keeps: values of every type, its dump, its slow log, clients, and what it is told."""

import contextlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import redis

from tests.proofs.privacy.sinks import Piece

KEYS, SLOWLOG, CLIENTS = "Redis: keys and values", "Redis: slow log", "Redis: client list"
KEPT_WHOLE = {  # so that everything is written down, and readably
    "slowlog-log-slower-than": "0",
    "slowlog-max-len": "1000000",
    "rdbcompression": "no",
    "aof-use-rdb-preamble": "no",
    "auto-aof-rewrite-percentage": "0",
    "appendonly": "yes",
}
READERS: dict[str, Callable[[Any, bytes], object]] = {
    "string": lambda store, key: store.get(key),
    "list": lambda store, key: store.lrange(key, 0, -1),
    "hash": lambda store, key: store.hgetall(key),
    "set": lambda store, key: store.smembers(key),
    "zset": lambda store, key: store.zrange(key, 0, -1, withscores=True),
    "stream": lambda store, key: store.xrange(key),
}


class RedisMemory:
    """A Redis that is made to write everything down."""

    def __init__(self, socket: Path, folder: Path, recorded: Path) -> None:
        self._folder, self._recorded, self._socket = folder, recorded, socket
        self.store: Any = redis.Redis(unix_socket_path=str(socket))
        self._starts = 0

    def __enter__(self) -> Self:
        self.watch()
        return self

    def __exit__(self, *_: object) -> None:
        self._monitor.terminate()
        self._monitor.wait()
        self.store.close()

    def watch(self) -> None:
        """Write down all that it is told from now on; again after each of its starts."""
        self._starts += 1
        before = self._folder / "appendonlydir"
        if before.exists():  # of a server that was killed: the next one would delete it
            shutil.copytree(before, self._recorded / f"append-only-{self._starts}")
        for name, value in KEPT_WHOLE.items():
            self.store.config_set(name, value)
        command = ["redis-cli", "-s", str(self._socket), "monitor"]
        with (self._recorded / f"monitor-{self._starts}").open("wb") as file:
            self._monitor = subprocess.Popen(command, stdout=file)

    @property
    def pid(self) -> int:
        """Of the server."""
        return int(self.store.info("server")["process_id"])

    def write_out(self) -> None:
        """Save its dump."""
        self.store.save()

    def told(self) -> Iterator[Piece]:
        """Keys, values, slow commands, clients."""
        for key in self.store.keys("*"):
            with contextlib.suppress(redis.RedisError):
                kind = self.store.type(key).decode()
                yield Piece(
                    KEYS, repr(key), b"\n".join([key, *flat(READERS[kind](self.store, key))])
                )
        for entry in self.store.slowlog_get(-1):
            yield Piece(SLOWLOG, str(entry["id"]), b"\n".join(flat(entry)))
        yield Piece(CLIENTS, "now", repr(self.store.client_list()).encode())


def flat(value: object) -> list[bytes]:
    """Every value in nested ones, as bytes."""
    if isinstance(value, bytes):
        return [value]
    if isinstance(value, dict):
        return [inner for pair in value.items() for part in pair for inner in flat(part)]
    if isinstance(value, list | tuple | set):
        return [inner for part in value for inner in flat(part)]
    return [str(value).encode()]
