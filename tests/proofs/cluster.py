"""A PostgreSQL server of a proof's own, of the programs and settings that ``make run`` uses."""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from checkout import Checkout
from postgres import DATABASE, ROLE, PostgreSQL


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

    @property
    def pid(self) -> int:
        """Of the first of its processes."""
        return int((self.cluster / "postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        """Kill the server and all its processes at once, as a power cut would."""
        postmaster = str(self.pid)
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


def url(*hosts: str, session: str) -> str:
    """A DATABASE_URL of several hosts; ``session`` says which of them will do."""
    where = quote(",".join(hosts))
    return f"postgis://{ROLE}@/{DATABASE}?host={where}&target_session_attrs={session}"
