"""A PostgreSQL cluster with PostGIS, for this checkout alone."""

import shlex
from pathlib import Path

import packages
from accounts import ourselves, private_directory
from checkout import Checkout
from refusal import Refusal

ROLE = DATABASE = "locator"

# Statements and their values may hold what people searched or reported: none is ever written down.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "hba_file": "",  # filled in per checkout
    "ident_file": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_messages": "log",  # no ERROR: its text repeats the value that was wrong
    "log_error_verbosity": "terse",  # no DETAIL line: it repeats the values of the row
    # Whoever idles in one holds back phones' changes, and tests that wait for these.
    "idle_in_transaction_session_timeout": "5min",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "max_connections": "100",
    "client_connection_check_interval": "5s",  # whoever gave up waits for no statement any more
    "random_page_cost": "1.1",
    "jit": "off",  # compiling takes longer than any of our queries
}


class PostgreSQL:
    """The cluster: made once, started and stopped."""

    name = "PostgreSQL"

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout
        self.account = checkout.account
        self.cluster = checkout.servers / "postgres"
        self.log = self.cluster / "server.log"

    def is_running(self) -> bool:
        """Whether the cluster of this checkout is up."""
        if not (self.cluster / "PG_VERSION").exists():
            return False
        return (
            self.account.run([self._program("pg_ctl"), "-D", self.cluster, "status"]).returncode
            == 0
        )

    def start(self) -> None:
        """Start the cluster, after making it the first time."""
        private_directory(self.cluster, self.account)
        private_directory(self.checkout.sockets, self.account)
        if not (self.cluster / "PG_VERSION").exists():
            self._make()
        config = self._write_config()
        options = f"-c config_file={shlex.quote(str(config))}"
        command: list[str | Path] = [
            "-D",
            self.cluster,
            "-l",
            self.log,
            "-w",
            "-t",
            "60",
            "-o",
            options,
            "start",
        ]
        self._run("pg_ctl", *command, log=self.log)
        self._make_database()

    def stop(self) -> None:
        """Stop the cluster; open connections are closed, nothing committed is lost."""
        self._run(
            "pg_ctl", "-D", self.cluster, "-m", "fast", "-w", "-t", "60", "stop", log=self.log
        )

    def _make(self) -> None:
        self._run(
            "initdb",
            *["-D", str(self.cluster), "-U", ROLE, "--encoding=UTF8"],
            *[
                f"--locale={packages.LOCALE}",
                "--auth-local=peer",
                "--auth-host=reject",
                "--no-instructions",
            ],
        )

    def _write_config(self) -> Path:
        """Write our configuration beside the cluster, where its account can only read it."""
        folder = self.checkout.servers
        hba, ident, config = (folder / f"{n}.conf" for n in ("pg_hba", "pg_ident", "postgresql"))
        # Only who runs this checkout is let in, as the one role there is.
        hba.write_text(f"local all {ROLE} peer map=checkout\n")
        ident.write_text(f'checkout "{ourselves().name}" {ROLE}\n')
        settings = SETTINGS | {
            "hba_file": str(hba),
            "ident_file": str(ident),
            "unix_socket_directories": f'"{self.checkout.sockets}"',
        }
        lines = (f"{key} = '{_quoted(value)}'\n" for key, value in settings.items())
        config.write_text("".join(lines))
        for file in (hba, ident, config):
            file.chmod(0o644)  # whatever the umask: no secret is in them
        return config

    def _make_database(self) -> None:
        where = ["-h", str(self.checkout.sockets), "-U", ROLE]
        query = f"select 1 from pg_database where datname = '{DATABASE}'"  # noqa: S608 - a constant
        found = ourselves().run([self._program("psql"), *where, "-d", "postgres", "-Atc", query])
        if found.stdout.strip() != "1":
            made = ourselves().run([self._program("createdb"), *where, DATABASE])
            if made.returncode:
                raise Refusal(f"PostgreSQL did not make the database: {made.stderr.strip()}")

    def _run(self, program: str, *arguments: str | Path, log: Path | None = None) -> None:
        done = self.account.run([self._program(program), *arguments])
        if done.returncode:
            said = (done.stdout + done.stderr).strip()
            hint = f"\nIts log: {log}" if log else ""
            raise Refusal(f"PostgreSQL's {program} failed:\n{said}{hint}")

    def _program(self, name: str) -> Path:
        return packages.postgres_programs() / name


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
