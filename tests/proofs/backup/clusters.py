"""A cluster that archives its log, and one that is restored from what it left.

Both use the scripts of ``.docker/backup``, as production does.
"""

import contextlib
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from accounts import private_directory
from postgres import ROLE
from refusal import Refusal

from tests.proofs.cluster import Cluster

PATIENCE_SECONDS = 60.0
SCRIPTS = ("archive-wal", "base-backup", "restore", "forget")
CIPHER = "openssl enc -aes-256-ctr -pbkdf2 -iter 1000"  # one key for both ways is enough here


class Vault:
    """Where backups lie, encrypted; the key lies beside it, as it never should."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self.account = cluster.account
        self.folder = folder
        for one in (folder, self.base, self.wal, self.scripts):
            private_directory(one, self.account)
        for name in SCRIPTS:
            shutil.copy(cluster.checkout.root / ".docker" / "backup" / name, self.scripts / name)
            os.chown(self.scripts / name, self.account.uid, self.account.gid)
        self.key = folder / "key"
        self.key.write_bytes(os.urandom(32).hex().encode())
        os.chown(self.key, self.account.uid, self.account.gid)

    @property
    def base(self) -> Path:
        """The base backups."""
        return self.folder / "base"

    @property
    def wal(self) -> Path:
        """The archived log."""
        return self.folder / "wal"

    @property
    def scripts(self) -> Path:
        """Copies that the server's account can reach."""
        return self.folder / "scripts"

    def command(self, script: str, *words: str) -> str:
        """A shell command that runs a script of ours with its settings."""
        told = {
            "BACKUP_FOLDER": str(self.folder),
            "BACKUP_ENCRYPT": f"{CIPHER} -pass file:{self.key}",
            "BACKUP_DECRYPT": f"{CIPHER} -d -pass file:{self.key}",
        }
        settings = (f"{name}={shlex.quote(value)}" for name, value in told.items())
        return shlex.join(["env"]) + " " + " ".join([*settings, str(self.scripts / script), *words])

    def run(self, script: str, *words: str) -> str:
        """Run one as the server's account; returns what it says."""
        done = self.account.run(["sh", "-c", self.command(script, *map(shlex.quote, words))])
        if done.returncode:
            raise Refusal(f"{script} failed: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def archived(self) -> list[Path]:
        """The files of the log."""
        return sorted(one for one in self.wal.iterdir() if not one.name.endswith(".sha256"))

    def copies(self) -> list[Path]:
        """The base backups' files."""
        return sorted(self.base.glob("*.tar.gz"))

    def plain(self, file: Path) -> bytes:
        """What an encrypted file holds."""
        with file.open("rb") as encrypted:
            command = [*CIPHER.split(), "-d", "-pass", f"file:{self.key}"]
            return subprocess.run(command, stdin=encrypted, stdout=-1, check=True).stdout


class Archived(Cluster):
    """A cluster that archives its log into a vault."""

    vault: Vault | None = None

    def _write_config(self) -> Path:
        config = super()._write_config()
        if self.vault is not None:
            command = self.vault.command("archive-wal", "%p", "%f").replace("'", "''")
            with config.open("a") as settings:
                settings.write(f"archive_mode = on\narchive_command = '{command}'\n")
                settings.write("archive_timeout = '60s'\n")
        return config

    def back_up(self) -> Path:
        """Make a base backup while it works."""
        assert self.vault is not None
        return Path(self.vault.run("base-backup", "-d", f"host={self.host} user={ROLE}"))

    def until_archived(self) -> None:
        """Let what is written be archived, and wait until it is."""
        [(wanted,)] = self.sql("SELECT pg_walfile_name(pg_switch_wal())")
        assert self.vault is not None
        ends = time.monotonic() + PATIENCE_SECONDS
        while not (self.vault.wal / wanted).exists():
            if time.monotonic() > ends:
                raise Refusal(f"{wanted} was not archived; see {self.log}")
            time.sleep(0.1)


class Restored(Cluster):
    """A cluster made of a base backup and the archived log, up to a moment."""

    def __init__(self, root: Path, home: Path, vault: Vault, backup: Path, moment: str) -> None:
        super().__init__(root, home)
        self.vault, self.backup, self.moment = vault, backup, moment

    def _make(self) -> None:
        self.vault.run("restore", str(self.backup), str(self.cluster), self.moment)

    def until_promoted(self) -> None:
        """Wait until all is replayed, and it can be written."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while self.sql("SELECT pg_is_in_recovery()") != [(False,)]:
            if time.monotonic() > ends:
                raise Refusal(f"it is not promoted; see {self.log}")
            time.sleep(0.1)


@contextmanager
def archived_cluster(root: Path, home: Path) -> Iterator[Archived]:
    """An empty cluster that archives; gone at the end, with all that was restored from it."""
    shutil.rmtree(home, ignore_errors=True)
    cluster = Archived(root, home / "lost")
    prepare(cluster)
    cluster.vault = Vault(cluster.checkout.servers / "vault", cluster)
    try:
        cluster.start()
        yield cluster
    finally:
        with contextlib.ExitStack() as last:
            last.callback(shutil.rmtree, home, ignore_errors=True)
            last.callback(cluster.clear_away)


def prepare(cluster: Cluster) -> None:
    """An empty folder for its servers."""
    shutil.rmtree(cluster.checkout.servers, ignore_errors=True)
    cluster.checkout.servers.mkdir(parents=True)
    cluster.checkout.servers.chmod(0o711)
