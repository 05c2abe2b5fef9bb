"""A primary and a standby on this machine, of the programs and settings that ``make run`` uses."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from checkout import Checkout
from postgres import DATABASE, ROLE, PostgreSQL

SLOT = "standby"  # also the name under which the primary knows its standby


class Cluster(PostgreSQL):
    """A server that others may copy and follow."""

    def __init__(self, root: Path, home: Path) -> None:
        super().__init__(Checkout(root=root, data=home))
        self.name = home.name

    @property
    def host(self) -> str:
        """Where its socket is."""
        return str(self.checkout.sockets)

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run one statement, outside a transaction, and give its rows."""
        with psycopg.connect(
            host=self.host, user=ROLE, dbname=DATABASE, autocommit=True
        ) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def set(self, name: str, value: str) -> None:
        """Change a setting for good, and in the running server."""
        self.sql(f"ALTER SYSTEM SET {name} = '{value}'")
        self.sql("SELECT pg_reload_conf()")

    def kill(self) -> None:
        """Kill the server and all its processes at once, as a power cut would."""
        postmaster = (self.cluster / "postmaster.pid").read_text().split()[0]
        found = subprocess.run(
            ["pgrep", "-P", postmaster],  # noqa: S607 - a tool of the system
            capture_output=True,
            text=True,
            check=False,
        )
        for pid in [postmaster, *found.stdout.split()]:
            os.kill(int(pid), signal.SIGKILL)
        # It says who runs here. Until the system has cleared the dead away, they would seem to.
        (self.cluster / "postmaster.pid").unlink()

    def promote(self) -> None:
        """Make a standby the primary; returns when it can be written."""
        self._run("pg_ctl", "-D", self.cluster, "-w", "-t", "60", "promote", log=self.log)

    def crash_and_restart(self) -> None:
        """Stop without writing anything out, start again, and wait until it is there."""
        self._run("pg_ctl", "-D", self.cluster, "-l", self.log, "-m", "immediate", "-w", "restart")

    def clear_away(self) -> None:
        """Stop it if it runs, and delete it."""
        try:
            if self.is_running():
                self.stop()
        finally:
            for made in (self.checkout.servers, self.checkout.sockets):
                shutil.rmtree(made, ignore_errors=True)

    def _write_config(self) -> Path:
        config = super()._write_config()
        with (self.checkout.servers / "pg_hba.conf").open("a") as hba:
            hba.write(f"local replication {ROLE} peer map=checkout\n")
        with (self.checkout.servers / "pg_ident.conf").open("a") as ident:
            ident.write(f'checkout "{self.account.name}" {ROLE}\n')  # whom the other server runs as
        with config.open("a") as settings:
            settings.write("synchronous_commit = on\nhot_standby_feedback = on\n")
        return config


class Standby(Cluster):
    """A copy of another cluster that follows it."""

    def __init__(self, root: Path, home: Path, primary: Cluster) -> None:
        super().__init__(root, home)
        self.primary = primary

    def _make(self) -> None:
        source = f"host={self.primary.host} user={ROLE} application_name={SLOT}"
        self._run(
            "pg_basebackup",
            *("-d", source, "-D", self.cluster, "-R", "-X", "stream", "-c", "fast"),
            *("-C", "-S", SLOT),
        )


def url(*hosts: str, session: str) -> str:
    """A DATABASE_URL of several hosts; ``session`` says which of them will do."""
    where = quote(",".join(hosts))
    return f"postgis://{ROLE}@/{DATABASE}?host={where}&target_session_attrs={session}"


@contextmanager
def two_clusters(root: Path, home: Path) -> Iterator[tuple[Cluster, Standby]]:
    """An empty primary that runs, and a standby that is not made yet; all gone at the end."""
    shutil.rmtree(home, ignore_errors=True)
    primary = Cluster(root, home / "primary")
    standby = Standby(root, home / "standby", primary)
    both = (primary, standby)
    try:
        for cluster in both:
            shutil.rmtree(cluster.checkout.servers, ignore_errors=True)
            cluster.checkout.servers.mkdir(parents=True)
            cluster.checkout.servers.chmod(0o711)
        primary.start()
        yield both
    finally:
        with contextlib.ExitStack() as last:
            last.callback(shutil.rmtree, home, ignore_errors=True)
            for cluster in both:
                last.callback(cluster.clear_away)


def follow_in_step(primary: Cluster, standby: Cluster) -> None:
    """Start the standby; from then on a commit is answered only when both have it on disk.

    The setting is copied with everything else, as it would be where both servers are set up alike.
    """
    primary.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{SLOT}'")
    standby.start()
    primary.sql("SELECT pg_reload_conf()")
