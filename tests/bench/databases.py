"""A database for each size in the cluster of this checkout, kept between runs."""

import datetime as dt
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.bench.setting_up import as_the_system
from tests.bench.sizes import short
from tests.bench.sources import ROOT, state_of

MADE_OF = ["tests/bench/synthetic.py", "tests/bench/words.py", "tests/bench/towns.py"]
MADE_OF += ["services/vocabulary.py", "services/migrations"]
FRESH_FOR = dt.timedelta(days=2)  # then most of the reports in it have expired
EMPTY = "locator_bench_empty"
TABLES = ("organization", "site", "phone", "service", "hours")


def name_of(size: int) -> str:
    """The database of a size; that of none holds towns alone and is every other's template."""
    return f"locator_bench_{short(size)}" if size else EMPTY


def environment_for(database: str, **more: str) -> dict[str, str]:
    """The environment of a program that works on one of these databases."""
    before, _, options = os.environ["DATABASE_URL"].partition("?")
    url = f"{before.rpartition('/')[0]}/{database}?{options}"
    snapshots = {"INDEX_FOLDER": str(Path(os.environ["LOCATOR_HOME"]) / "bench" / "index")}
    return {**os.environ, **snapshots, "DATABASE_URL": url, "PGDATABASE": database, **more}


def ensure(size: int) -> str:
    """The name of the database of a size, made and filled unless that was done lately."""
    if size:
        ensure(0)
    database = name_of(size)
    if not _is_current(database):
        began = time.monotonic()
        print(f"making {database} …", flush=True)
        drop(database)
        copy_database(EMPTY if size else "template1", database)
        environment = environment_for(database)
        command = [sys.executable, "-m", "tests.bench.databases", str(size)]
        subprocess.run(command, env=environment, cwd=ROOT, check=True)
        made = json.dumps({"of": _fingerprint(), "at": dt.datetime.now(dt.UTC).isoformat()})
        with _maintenance() as connection:
            connection.execute(f"COMMENT ON DATABASE {database} IS '{made}'")
        print(f"made {database} in {time.monotonic() - began:.0f} s", flush=True)
    return database


def drop(database: str) -> None:
    """Forget a database."""
    with _maintenance() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def copy_database(source: str, database: str) -> None:
    """Make a database that holds what another does; nobody may be connected to that."""
    with _maintenance() as connection:
        connection.execute(f"CREATE DATABASE {database} TEMPLATE {source} STRATEGY file_copy")


def _is_current(database: str) -> bool:
    asked = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    with _maintenance() as connection:
        row = connection.execute(asked, [database]).fetchone()
    if not row or not row[0]:
        return False
    made = json.loads(row[0])
    age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(made["at"])
    return bool(made["of"] == _fingerprint() and (age < FRESH_FOR or database == EMPTY))


def _fingerprint() -> str:
    """Changes when what the data are made by does."""
    made_of = (ROOT / name for name in MADE_OF)
    files = ([path] if path.is_file() else path.glob("*.py") for path in made_of)
    return state_of(itertools.chain.from_iterable(files))


@contextmanager
def _maintenance() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(dbname="postgres", autocommit=True) as connection:
        yield connection


# --- In a process of its own, connected to the new database ---------------------------------------


def fill(size: int) -> None:
    """Fill the database Django is connected to: towns only for 0, else so many services."""
    from django.core.management import call_command
    from django.db import connection, transaction

    if not size:
        call_command("migrate", verbosity=0)
        call_command("load_places", no_progress=True)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        # No trigger: the history and the change log of what is made up would triple the time.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        indexes = _drop_indexes(cursor)
        copy_blocks(cursor, size)
        for definition in indexes:
            cursor.execute(definition)
        cursor.execute(
            "CREATE INDEX bench_site_geometry ON services_site USING gist ((location::geometry))"
        )
    connection.connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _drop_indexes(cursor: Any) -> list[str]:
    """Drop what is no constraint's index, to be made again when all rows are there."""
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = ANY(%s::regclass[]) AND NOT indisunique",
        [[f"services_{table}" for table in TABLES]],
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f"DROP INDEX {name}")
    return [definition for _, definition in found]


def copy_blocks(cursor: Any, size: int) -> None:
    """Write so many made-up services; triggers are the caller's to stop."""
    from tests.bench.synthetic import COLUMNS, blocks

    now = dt.datetime.now(dt.UTC)
    for block in blocks(size, now):
        for table, rows in block.rows.items():
            columns = ", ".join(COLUMNS[table].split())
            with cursor.copy(f"COPY services_{table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


if __name__ == "__main__":
    as_the_system()
    fill(int(sys.argv[1]))
