"""Who keeps the processors busy: CPU seconds of process trees, as Linux counts them."""

import os
import resource
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg

TICKS = os.sysconf("SC_CLK_TCK")
# In /proc/<pid>/stat, behind the name. Times: in user and kernel, own and of children that ended.
PARENT, TIMES = 1, slice(11, 15)


class Usage:
    """CPU seconds spent so far, by name, read now and again.

    Attributes:
        trees: name → process ids; their descendants count as well.
    """

    def __init__(self, trees: Mapping[str, list[int]]) -> None:
        self.trees = {**trees, "PostgreSQL": [_postmaster()]}
        self.samples: list[tuple[float, dict[str, float]]] = []

    def read(self) -> None:
        """Remember what was spent until now."""
        spent = {name: sum(map(_seconds, pids)) for name, pids in self.trees.items()}
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent["import command"] = ended.ru_utime + ended.ru_stime
        spent["client of the benchmark"] = time.process_time()
        self.samples.append((time.perf_counter(), spent))

    def cores(self) -> list[dict[str, float]]:
        """Between each reading and the next: how many cores each kept busy, in the mean."""
        found = []
        for (began, before), (ended, after) in zip(self.samples, self.samples[1:], strict=False):
            took = ended - began
            found.append({name: (after[name] - before[name]) / took for name in after})
        return found


def is_counted() -> bool:
    """Whether this system tells: Linux does."""
    return Path("/proc/self/stat").exists()


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _seconds(pid: int) -> float:
    """Of a process and its descendants; none of one that has ended: its parent has them by then."""
    try:
        own = sum(map(int, _stat(pid)[TIMES])) / TICKS
        return own + sum(map(_seconds, children_of(pid)))
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def children_of(pid: int) -> list[int]:
    """The processes that a process has started, and that live."""
    found = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in listed.read_text().split()]
    return found


def _postmaster() -> int:
    with psycopg.connect(autocommit=True) as connection:
        return int(_stat(connection.info.backend_pid)[PARENT])
