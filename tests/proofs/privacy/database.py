"""What PostgreSQL keeps beside its files: a dump, and what it tells of running queries."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import packages
import psycopg
from postgres import DATABASE, ROLE
from psycopg.sql import SQL, Identifier

from tests.proofs.cluster import Cluster
from tests.proofs.privacy.sinks import Piece

EVERY_S = 0.05
ACTIVITY = "PostgreSQL: pg_stat_activity"
STATEMENTS = "PostgreSQL: pg_stat_statements"
DUMP = "PostgreSQL: pg_dump"


def watch_statements(cluster: Cluster) -> None:
    """Have the server count statements, as operators do who look for slow ones."""
    cluster.set("shared_preload_libraries", "pg_stat_statements")
    cluster.crash_and_restart()
    cluster.sql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")


def written_out(cluster: Cluster) -> None:
    """Have everything in memory written to files."""
    cluster.sql("CHECKPOINT")
    cluster.sql("SELECT pg_switch_wal()")
    cluster.sql("SELECT pg_stat_force_next_flush()")


def told_by(cluster: Cluster) -> Iterator[Piece]:
    """The dump, the statements that were counted, and those that run or ran last."""
    yield Piece(DUMP, "all tables", dumped(cluster.host))
    rows = cluster.sql("SELECT query FROM pg_stat_statements")
    yield Piece(STATEMENTS, "all", "\n".join(row[0] for row in rows).encode())
    yield Piece(ACTIVITY, "now", "\n".join(active(cluster)).encode())


@contextmanager
def slow(cluster: Cluster) -> Iterator[None]:
    """Let whatever reads or writes a table of ours wait."""
    with psycopg.connect(host=cluster.host, user=ROLE, dbname=DATABASE) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relname ^@ 'services_' AND relkind = 'r'"
        ).fetchall()
        names = SQL(", ").join(Identifier(name) for (name,) in tables)
        connection.execute(SQL("LOCK TABLE {}").format(names))
        yield


def dumped(host: str, database: str = DATABASE) -> bytes:
    """Every row as text."""
    program = str(packages.postgres_programs() / "pg_dump")
    command = [program, "--inserts", "--no-owner", "-h", host, "-U", ROLE, database]
    return subprocess.run(command, capture_output=True, check=True).stdout


def active(cluster: Cluster) -> list[str]:
    """What each connection runs or ran last, and what it says of itself."""
    rows = cluster.sql(
        "SELECT concat_ws(' ', query, application_name, client_addr) FROM pg_stat_activity"
    )
    return [str(row[0]) for row in rows]


class ActivityRecorder:
    """Writes down what connections run, many times a second, as long as the block lasts."""

    def __init__(self, cluster: Cluster, file: Path) -> None:
        self._cluster, self._file = cluster, file
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        seen: set[str] = set()
        while not self._over.wait(EVERY_S):
            try:
                seen.update(active(self._cluster))
            except psycopg.Error:  # it is down, as the census wants
                continue
        self._file.write_text("\n".join(sorted(seen)))
