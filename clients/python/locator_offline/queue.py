"""The outreach queue: reports stay on the disk until the server has said what became of them.

A file of SQLite: it holds over restarts and power cuts, and several processes may use it at once.
"""

import datetime as dt
import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from locator_offline.queue_file import opened


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report that is to be sent, as the JSON that is sent."""

    id: str
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """A report that the server does not take as it is; a person mends or drops it.

    Attributes:
        problem: what the server said, of RFC 9457.
    """

    id: str
    report: dict[str, Any] = field(repr=False)
    status: int
    problem: dict[str, Any]


class ReportQueue:
    """Reports in the order in which they were made.

    Args:
        path: of the file. Each process opens it itself.
        clock: POSIX time.
    """

    def __init__(self, path: Path | str, *, clock: Callable[[], float] = time.time) -> None:
        self._clock, self._lock = clock, threading.RLock()
        self._db = opened(Path(path))

    def close(self) -> None:
        """Close the file. What is in it stays."""
        self._db.close()

    def add(self, service: str, state: str, **fields: Any) -> str:
        """Keep a report; it is on the disk when this returns its id.

        Args:
            service: id of the service.
            state: available, limited, waitlist, full or closed_temporarily.
            fields: remaining, wait_days, note; observed_at, if it was not seen just now.

        Raises:
            ValueError: a field cannot be told in JSON.
        """
        seen = dt.datetime.fromtimestamp(self._clock(), dt.UTC).isoformat()
        report = {"observed_at": seen, **fields, "service": service, "state": state}
        return self._keep(report)

    def waiting(self, most: int = -1) -> list[Waiting]:
        """Reports to be sent, those that were tried least first: one that fails holds up none."""
        found = self._all(
            "SELECT id, body FROM reports WHERE status IS NULL ORDER BY tries, place LIMIT ?", most
        )
        return [Waiting(*row) for row in found]

    def refused(self) -> list[Refused]:
        """Reports that a person has to look at."""
        found = self._all(
            "SELECT id, body, status, problem FROM reports WHERE status IS NOT NULL ORDER BY place"
        )
        return [Refused(a, json.loads(b), c, json.loads(d)) for a, b, c, d in found]

    def drop(self, id_: str) -> None:
        """Give a refused report up."""
        with self._change() as db:
            db.execute("DELETE FROM reports WHERE id = ? AND status IS NOT NULL", (id_,))

    def mend(self, id_: str, **fields: Any) -> str:
        """Put a refused report in the queue again, with other fields and a new id, which returns.

        Raises:
            KeyError: no report of this id was refused.
        """
        with self._change() as db:
            row = db.execute(
                "DELETE FROM reports WHERE id = ? AND status IS NOT NULL RETURNING body", (id_,)
            ).fetchone()
            if row is None:
                raise KeyError(id_)
            return self._keep(json.loads(row[0]) | fields)

    # --- What the sender does ---------------------------------------------------------------------

    def settle(self, done: Iterable[str], refused: Iterable[tuple[str, int, Any]]) -> None:
        """Forget what the server has, and set aside what it refused: at once, or not at all.

        Args:
            done: ids.
            refused: ids, each with its status and problem.
        """
        with self._change() as db:
            db.executemany("DELETE FROM reports WHERE id = ?", [(id_,) for id_ in done])
            db.executemany(
                "UPDATE reports SET status = ?, problem = ? WHERE id = ? AND status IS NULL",
                [(status, json.dumps(problem), id_) for id_, status, problem in refused],
            )

    def tried(self, ids: Iterable[str]) -> None:
        """Let these wait behind those that were tried less often."""
        with self._change() as db:
            db.executemany(
                "UPDATE reports SET tries = tries + 1 WHERE id = ?", [(id_,) for id_ in ids]
            )

    def note(self, name: str) -> Any:
        """Something the sender remembers, or None."""
        found = self._all("SELECT value FROM notes WHERE name = ?", name)
        return json.loads(found[0][0]) if found else None

    def remember(self, name: str, value: Any) -> None:
        """Remember something; None forgets it."""
        with self._change() as db:
            db.execute("DELETE FROM notes WHERE name = ?", (name,))
            if value is not None:
                db.execute("INSERT INTO notes VALUES (?, ?)", (name, json.dumps(value)))

    def _keep(self, report: dict[str, Any]) -> str:
        id_ = str(uuid.uuid4())
        body = json.dumps({**report, "id": id_}, allow_nan=False)
        with self._change() as db:
            db.execute("INSERT INTO reports (id, body) VALUES (?, ?)", (id_, body))
        return id_

    def _all(self, query: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """One transaction, whatever changes within; part of the outer one if there is one."""
        with self._lock:
            if self._db.in_transaction:
                yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                self._take_back()
                raise

    def _take_back(self) -> None:
        if self._db.in_transaction:  # a full disk may have ended it, or not
            self._db.execute("ROLLBACK")
