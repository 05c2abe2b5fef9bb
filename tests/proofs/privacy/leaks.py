"""Leaks made on purpose, one in every sink, each in a form that suits it.

Only a census that finds all of them may say that there are no others.
"""

import base64
import gzip
import ipaddress
import json
import struct
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import quote

import psycopg
from celery import Celery
from postgres import DATABASE, ROLE
from psycopg import sql

from tests.proofs.cluster import Cluster
from tests.proofs.privacy.canaries import Canary, geohash


@dataclass(frozen=True, slots=True)
class Leak:
    """A leak: what is done, in which sink it must be found, and as which field and form."""

    sink: str
    field: str
    form: str
    make: Callable[[Canary], object]


def in_files(folder: Path) -> list[Leak]:
    """Files of every kind that the installation writes."""

    def put(name: str, content: Callable[[Canary], bytes]) -> Callable[[Canary], object]:
        def make(one: Canary) -> None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content(one))

        return make

    return [
        Leak(sink, field, form, put(name, content)) for sink, field, form, name, content in FILES
    ]


def _zipped(one: Canary, path: Path) -> bytes:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("in/side.csv", f"{one.lat:.4f};{one.lon:.4f}")
    return path.read_bytes()


def _mail(one: Canary) -> bytes:
    message = EmailMessage()
    message["Subject"] = "A crash"
    message.set_content(f"{'x' * 70} place = {one.place!r}", cte="base64")
    return bytes(message)


FILES: list[tuple[str, str, str, str, Callable[[Canary], bytes]]] = [
    (
        "index snapshots",
        "position",
        "little-endian floats, lat, lon",
        "index/leak",
        lambda one: b"\0" * 61 + struct.pack("<2f", one.lat, one.lon),
    ),
    (
        "compiled code",
        "lon",
        "big-endian double",
        "numba/leak.nbc",
        lambda one: struct.pack(">d", one.lon),
    ),
    (
        "temporary files",
        "lat",
        "rounded to 3",
        "tmp/leak.csv.gz",
        lambda one: gzip.compress(f"{one.lat:.3f}\n".encode()),
    ),
    (
        "home directory",
        "position",
        "geohash",
        "home/.cache/leak",
        lambda one: geohash(one.lat, one.lon, 9).encode(),
    ),
    ("mail", "place", "raw", "mail/leak.eml", _mail),
    (
        "proxy: its own files",
        "referrer",
        "percent",
        "caddy/leak",
        lambda one: quote(one.referrer, safe="").encode(),
    ),
    (
        "beat: schedule",
        "agent",
        "UTF-16, little-endian",
        "beat-schedule-leak",
        lambda one: one.agent.encode("utf-16-le"),
    ),
    (
        "other files",
        "position",
        "little-endian integers 1e7, lon, lat",
        "core",
        lambda one: struct.pack("<2i", round(one.lon * 1e7), round(one.lat * 1e7)),
    ),
]


def appended(path: Path) -> Callable[[Canary], object]:
    """A line at the end of a log that has no program of ours to say it."""

    def make(one: Canary) -> None:
        with path.open("a") as log:
            log.write(f"accepted {one.address}:50000\n")

    return make


def in_output(outputs: Iterable[tuple[str, int]]) -> list[Leak]:
    """A line on the standard error of each running program: its name, and its process."""

    def say(pid: int) -> Callable[[Canary], object]:
        def make(one: Canary) -> None:
            with Path(f"/proc/{pid}/fd/2").open("ab") as error:
                error.write(json.dumps({"ip": one.address, "place": one.place}).encode() + b"\n")

        return make

    return [Leak(f"{name}: output", "place", "JSON", say(pid)) for name, pid in outputs]


def in_postgresql(cluster: Cluster) -> list[Leak]:
    """Rows, what is left of rows, a record of the write-ahead log, and what is told of queries."""

    def run(statement: LiteralString, *fields: str) -> Callable[[Canary], object]:
        def make(one: Canary) -> None:
            with psycopg.connect(host=cluster.host, user=ROLE, dbname=DATABASE) as connection:
                values = [getattr(one, field) for field in fields]
                connection.execute(sql.SQL(statement).format(*values))

        return make

    point = "ST_SetSRID(ST_MakePoint({}, {}), 4326)"
    return [
        Leak(
            "PostgreSQL: pg_dump",
            "position",
            "EWKB, hex, upper case",
            run(f"CREATE TABLE leak_a AS SELECT {point} AS at", "lon", "lat"),
        ),
        Leak(
            "PostgreSQL: other files",
            "lat",
            "little-endian double",
            run("CREATE TABLE leak_b AS SELECT {}::float8 AS lat; DELETE FROM leak_b", "lat"),
        ),
        Leak(
            "PostgreSQL: other files",
            "address",
            "inet of PostgreSQL",
            run("CREATE TABLE leak_c AS SELECT {}::inet AS ip", "address"),
        ),
        Leak(
            "PostgreSQL: write-ahead log",
            "token",
            "raw",
            run("SELECT pg_logical_emit_message(false, 'leak', {})", "token"),
        ),
        Leak(
            "PostgreSQL: log",
            "place",
            "raw",
            run("DO $do$ BEGIN RAISE LOG USING MESSAGE = {}; END $do$", "place"),
        ),
        Leak(
            "PostgreSQL: pg_stat_statements",
            "agent",
            "raw",
            run("COMMENT ON SCHEMA public IS {}", "agent"),
        ),
        Leak(
            "PostgreSQL: statistics",  # where those statements lie
            "referrer",
            "raw",
            run("COMMENT ON DATABASE locator IS {}", "referrer"),
        ),
    ]


def in_redis(store: Any, queue: Celery) -> list[Leak]:
    """Values, a value that is gone but was written down, a slow command, a client, a task."""
    return [
        Leak(
            "Redis: keys and values",
            "lat",
            "cut to 6",
            lambda one: store.hset("leak:hash", str(one.lat), 1),
        ),
        Leak(
            "Redis: dump and append-only file",
            "forwarded",
            "packed",
            lambda one: (store.set("leak:gone", packed6(one)), store.delete("leak:gone")),
        ),
        Leak("Redis: slow log", "referrer", "raw", lambda one: store.echo(one.referrer)),
        Leak(
            "Redis: MONITOR while it ran",
            "lon",
            "raw",
            lambda one: store.publish("leak", json.dumps(one.position)),
        ),
        Leak(
            "Redis: client list",
            "token",
            "raw",
            lambda one: store.client_setname(one.token),
        ),
        Leak(
            "Redis: keys and values",
            "place",
            "Base64 after 0",
            lambda one: queue.send_task("leak", [one.place], queue="leaks", retry=False),
        ),
        Leak(
            "Redis: dump and append-only file",
            "lon",
            "Base64 for URLs after 2",
            lambda one: store.set("leak:b64", base64.urlsafe_b64encode(f"12{one.lon!r}".encode())),
        ),
    ]


def packed6(one: Canary) -> bytes:
    """The IPv6 address they claim, as 16 bytes."""
    return ipaddress.ip_address(one.forwarded[1]).packed
