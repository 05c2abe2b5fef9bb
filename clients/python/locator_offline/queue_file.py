"""The queue's file: opened, and made anew from what can be read when it is broken."""

import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

BUSY_S = 30.0  # so long one process waits for another's commit
TURN_S = 0.01  # for another process
BROKEN, MENDING = ".broken-", ".mending"  # endings of names

TABLES = """
CREATE TABLE IF NOT EXISTS reports (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    status INTEGER,  -- of a refusal; null while the report waits
    problem TEXT
);
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
ONE_REPORT = "SELECT id, body, status, problem FROM reports WHERE place = ?"


def opened(path: Path) -> sqlite3.Connection:
    """The file, ready for use. One that is broken is set aside, and its reports taken over.

    Raises:
        sqlite3.OperationalError: it cannot be opened now: no room, no permission, another's lock.
    """
    try:
        return _connected(path, check=True)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        guard = sqlite3.connect(path.with_name(path.name + MENDING), timeout=BUSY_S)
        with closing(guard):
            guard.execute("BEGIN EXCLUSIVE")  # one process alone mends it
            return _mended(path)


def _mended(path: Path) -> sqlite3.Connection:
    try:
        return _connected(path, check=True)  # another process has mended it meanwhile
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        aside = _set_aside(path)
    db = _connected(path, check=False)
    kept = list(_readable(aside))
    db.executemany(
        "INSERT OR IGNORE INTO reports (id, body, status, problem) VALUES (?, ?, ?, ?)", kept
    )
    return db


def _connected(path: Path, *, check: bool) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        _log_ahead(db)
        db.execute("PRAGMA synchronous=FULL")  # on the disk before ``add`` returns
        db.executescript(TABLES)
        if check:
            _check(db)
    except BaseException:
        db.close()
        raise
    return db


def _log_ahead(db: sqlite3.Connection) -> None:
    """Let readers and a writer go on side by side.

    Of processes that open a new file at once SQLite tells all but one, without waiting, that it is
    locked: whoever changes the mode needs it alone.
    """
    patient_until = time.monotonic() + BUSY_S
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > patient_until:
                raise
            time.sleep(TURN_S)
        else:
            return


def _check(db: sqlite3.Connection) -> None:
    if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise sqlite3.DatabaseError("The queue's file is broken.")


def _set_aside(path: Path) -> Path:
    """Keep a broken file under another name: nothing in it is thrown away."""
    aside = path.with_name(f"{path.name}{BROKEN}{uuid.uuid4()}")
    for ending in ("", "-wal", "-shm"):
        file = path.with_name(path.name + ending)
        if file.exists():
            file.replace(aside.with_name(aside.name + ending))
    return aside


def _readable(path: Path) -> Iterator[tuple[Any, ...]]:
    """The reports of a broken file that can be read: each is looked for by its own place."""
    _lengthen(path)
    with closing(sqlite3.connect(path)) as db:
        for place in range(1, _last_place(db) + 1):
            try:
                row = db.execute(ONE_REPORT, (place,)).fetchone()
            except sqlite3.DatabaseError:
                continue  # it is on a page that is lost
            if row and isinstance(row[0], str) and isinstance(row[1], str):
                yield row


def _lengthen(path: Path) -> None:
    """Give a file that was cut short its length again: SQLite reads nothing of a shorter one.

    Source: https://sqlite.org/fileformat2.html, section 1.3.
    """
    with path.open("r+b") as file:
        head = file.read(100)
        if head.startswith(b"SQLite format 3\0"):
            page, pages = int.from_bytes(head[16:18], "big"), int.from_bytes(head[28:32], "big")
            file.truncate(max(path.stat().st_size, page * pages))


def _last_place(db: sqlite3.Connection) -> int:
    """The last place that was ever given, as far as the file still tells."""
    for query in (
        "SELECT seq FROM sqlite_sequence WHERE name = 'reports'",
        "SELECT MAX(place) FROM reports",
    ):
        try:
            found = db.execute(query).fetchone()
        except sqlite3.DatabaseError:
            continue
        if found and isinstance(found[0], int):
            return found[0]
    return 0
