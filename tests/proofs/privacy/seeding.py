"""All leaks of the long form: into files, outputs, servers, processes, answers, and elsewhere."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from celery import Celery
from postgres import DATABASE, ROLE
from processes import Program
from psycopg import sql

from tests.proofs.privacy.canaries import Canary
from tests.proofs.privacy.database import ACTIVITY, EVERY_S, ActivityRecorder
from tests.proofs.privacy.home import RECORDED
from tests.proofs.privacy.leaks import Leak, appended, in_files, in_output, in_postgresql, in_redis
from tests.proofs.privacy.rounds import ANSWERS
from tests.proofs.privacy.sinks import ELSEWHERE, Piece

if TYPE_CHECKING:
    from tests.proofs.privacy.long import Census


def leaks_into(run: "Census") -> list[Leak]:
    """Every leak there is."""
    home = run.home
    queue = Celery("leaks", broker=home.broker)
    programs = [(name, one.pid) for name, one in home.started.items()]
    return [
        *in_files(home.folder),
        *in_output(programs),
        *in_postgresql(home.cluster),
        *in_redis(run.memory.store, queue),
        Leak("Redis: log", "address", "raw", appended(home.redis.folder / "server.log")),
        Leak("processes: environment", "lon", "raw", lambda one: _process(run, one)),
        Leak("processes: words", "agent", "raw", lambda one: _process(run, one)),
        Leak(ANSWERS, "lat", "percent", lambda one: _answer(run, one)),
        Leak(ELSEWHERE, "address", "raw", lambda one: _elsewhere(home.outside[0], one)),
        Leak(ACTIVITY, "place", "raw", lambda one: _connection(home.cluster.host, one)),
        Leak(f"{ACTIVITY} while it ran", "place", "raw", lambda one: _recorded(run, one)),
    ]


@contextmanager
def _process(run: "Census", one: Canary) -> Iterator[None]:
    """A program among the others that was told everything."""
    command = ["sh", "-c", "sleep 600; true", one.agent]
    started = run.home.start(Program(f"leak-{one.number}", command, {"AT": repr(one.lon)}))
    try:
        yield
    finally:
        started.kill()
        del run.home.started[started.name]


def _answer(run: "Census", one: Canary) -> None:
    run.record.pieces.append(Piece(ANSWERS, "a leak", f"?lat={one.lat!r}".encode()))


@contextmanager
def _elsewhere(folder: Path, one: Canary) -> Iterator[None]:
    with tempfile.NamedTemporaryFile(prefix="leak-", dir=folder) as file:
        file.write(one.address.encode())
        file.flush()
        yield


@contextmanager
def _connection(host: str, one: Canary) -> Iterator[None]:
    """A connection that idles after a query with the words in it."""
    with psycopg.connect(host=host, user=ROLE, dbname=DATABASE, autocommit=True) as idle:
        idle.execute(sql.SQL("SELECT {}").format(one.place))
        yield


def _recorded(run: "Census", one: Canary) -> None:
    """A query that has ended when the census begins."""
    host, file = run.home.cluster.host, run.home.folder / RECORDED / "activity-0"
    with ActivityRecorder(run.home.cluster, file), _connection(host, one):
        time.sleep(10 * EVERY_S)
