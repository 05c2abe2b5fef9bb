"""The queue on a disk that is full, or that fails: what ``add`` returned is kept."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from locator_offline import ReportQueue
from tests.clients.test_queue_processes import ADD, SERVICE, started

# Files may not grow for a while, as on a full disk; then there is room again.
FULL = """
import os, resource, signal, sqlite3, sys
from locator_offline import ReportQueue
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
queue = ReportQueue(sys.argv[1])
def add():
    print(queue.add(sys.argv[2], "full"), flush=True)
add()
size = os.path.getsize(sys.argv[1] + "-wal")
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10_000, resource.RLIM_INFINITY))
try:
    for _ in range(100):
        add()
except sqlite3.OperationalError:
    print("full", flush=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
add()
os._exit(0)  # as if killed: nothing is closed
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reports.sqlite3"


def kept(path: Path) -> list[str]:
    with closing(ReportQueue(path)) as queue:
        return [one.id for one in queue.waiting()]


def broken_files(path: Path) -> list[Path]:
    return [each for each in path.parent.iterdir() if ".broken-" in each.name]


def test_a_full_disk_is_told_and_passes(path: Path) -> None:
    with started(FULL, str(path), SERVICE) as process:
        assert process.stdout
        told = process.stdout.read().split()
    assert process.returncode == 0
    assert told[-2] == "full"
    told.remove("full")
    assert kept(path) == told


def test_a_commit_that_fails_is_taken_back(path: Path) -> None:
    def refuse(_action: int, name: str | None, *_: object) -> int:
        return sqlite3.SQLITE_DENY if name == "COMMIT" else sqlite3.SQLITE_OK

    with closing(ReportQueue(path)) as queue:
        queue._db.set_authorizer(refuse)
        with pytest.raises(sqlite3.DatabaseError):
            queue.add(SERVICE, "full")
        queue._db.set_authorizer(None)
        id_ = queue.add(SERVICE, "full")
        assert kept(path) == [id_]


def filled(path: Path) -> list[str]:
    with closing(ReportQueue(path)) as queue, queue._change():
        return [queue.add(SERVICE, "full", note="x" * 200) for _ in range(400)]


def test_a_file_that_was_cut_short_gives_what_it_still_holds(path: Path) -> None:
    ids, data = filled(path), path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    left = kept(path)
    assert 100 < len(left) < 400
    assert set(left) <= set(ids)
    assert left == sorted(left, key=ids.index)
    assert len(broken_files(path)) == 1
    assert kept(path) == left


def test_a_page_that_was_lost_takes_only_its_own_reports_along(path: Path) -> None:
    ids, data = filled(path), bytearray(path.read_bytes())
    data[4096 * 12 : 4096 * 13] = bytes(4096)
    path.write_bytes(data)
    assert 380 < len(kept(path)) < len(ids)


def test_a_file_that_is_no_queue_is_set_aside(path: Path) -> None:
    path.write_bytes(b"<html>" * 1000)
    with closing(ReportQueue(path)) as queue:
        id_ = queue.add(SERVICE, "full")
    assert kept(path) == [id_]
    (aside,) = broken_files(path)
    assert aside.read_bytes() == b"<html>" * 1000


def test_processes_that_find_it_broken_at_once_lose_nothing(path: Path) -> None:
    path.write_bytes(b"<html>" * 1000)
    processes = [started(ADD, str(path), "20", SERVICE) for _ in range(3)]
    told = list[str]()
    for process in processes:
        with process:
            assert process.stdout
            told += process.stdout.read().split()
    assert len(told) == 60
    assert set(kept(path)) == set(told)
    assert len(broken_files(path)) == 1
