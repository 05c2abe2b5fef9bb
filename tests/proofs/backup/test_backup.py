"""Backups in short: a cluster that is lost and restored to a moment, and what its scripts refuse.

Some seconds long: ``-m "not two_clusters"`` leaves the clusters out. The long form: ``make
prove-backup``.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import yaml
from checkout import checkout_here

from tests.proofs.backup.clusters import Restored, archived_cluster, prepare

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = ROOT / ".docker" / "backup"
NUMBERS = "SELECT number FROM written ORDER BY number"


@pytest.mark.two_clusters
def test_what_was_committed_by_the_moment_is_restored_and_nothing_after_it() -> None:
    checkout = checkout_here(os.environ)
    with archived_cluster(checkout.root, checkout.data / f"backup-{os.getpid()}") as cluster:
        assert cluster.vault is not None
        cluster.sql("CREATE TABLE written (number int)")
        cluster.sql("INSERT INTO written VALUES (1)")
        backup = cluster.back_up()
        cluster.sql("INSERT INTO written VALUES (2)")
        [(moment,)] = cluster.sql("SELECT clock_timestamp()::text")
        cluster.sql("INSERT INTO written VALUES (3)")
        cluster.until_archived()
        cluster.kill()
        shutil.rmtree(cluster.cluster)
        restored = Restored(
            checkout.root, cluster.checkout.data.parent / "new", cluster.vault, backup, moment
        )
        prepare(restored)
        try:
            restored.start()
            restored.until_promoted()
            assert restored.sql(NUMBERS) == [(1,), (2,)]
            restored.sql("INSERT INTO written VALUES (4)")
        finally:
            restored.clear_away()
        files = [*cluster.vault.archived(), backup]
        assert all(one.read_bytes().startswith(b"Salted__") for one in files)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("base", "wal", "bin"):
        (tmp_path / name).mkdir()
    return tmp_path


def run(folder: Path, script: str, *words: str | Path) -> int:
    settings = {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "BACKUP_FOLDER": str(folder),
        "BACKUP_ENCRYPT": "tr a-y b-z",
        "BACKUP_DECRYPT": "tr b-z a-y",
    }
    command = [SCRIPTS / script, *words]
    return subprocess.run(command, env=settings, capture_output=True, check=False).returncode


def test_a_file_of_the_log_is_kept_once_encrypted_and_never_replaced(folder: Path) -> None:
    (folder / "segment").write_text("abc")
    assert run(folder, "archive-wal", folder / "segment", "0001") == 0
    assert (folder / "wal" / "0001").read_text() == "bcd"
    assert run(folder, "archive-wal", folder / "segment", "0001") == 0
    (folder / "segment").write_text("another")
    assert run(folder, "archive-wal", folder / "segment", "0001") != 0
    assert (folder / "wal" / "0001").read_text() == "bcd"


def test_a_file_that_cannot_be_read_is_not_said_to_be_kept(folder: Path) -> None:
    assert run(folder, "archive-wal", folder / "missing", "0001") != 0
    assert not list((folder / "wal").iterdir())


def test_a_base_backup_that_fails_half_way_leaves_none(folder: Path) -> None:
    program = folder / "bin" / "pg_basebackup"
    program.write_text("#!/bin/sh\necho half\nexit 1\n")
    program.chmod(0o755)
    assert run(folder, "base-backup") != 0
    assert not list((folder / "base").iterdir())


def test_nothing_is_restored_over_what_is_there(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "PG_VERSION").write_text("15")
    assert run(folder, "restore", folder / "base" / "any.tar.gz", folder / "data") != 0
    assert (folder / "data" / "PG_VERSION").read_text() == "15"


def test_old_copies_go_with_the_log_that_only_they_needed(folder: Path) -> None:
    for age, name in ((40, "a"), (20, "b"), (1, "c")):
        for file in (f"base/{name}.began", f"base/{name}.tar.gz", f"wal/{name}-after"):
            (folder / file).write_text("x")
            at = (folder / "bin").stat().st_mtime - age * 86_400 + ("after" in file)
            os.utime(folder / file, (at, at))
    assert run(folder, "forget", "28") == 0
    left = sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())
    assert left == [
        *("base/b.began", "base/b.tar.gz", "base/c.began", "base/c.tar.gz"),
        *("wal/b-after", "wal/c-after"),
    ]


def test_a_copy_that_is_being_made_keeps_its_mark(folder: Path) -> None:
    for file, age in (("a.began", 2), ("b.began", 2), ("b.tar.gz", 2), ("c.began", 0)):
        (folder / "base" / file).write_text("x")
        at = time.time() - age * 86_400
        os.utime(folder / "base" / file, (at, at))
    assert run(folder, "forget", "28") == 0
    left = sorted(one.name for one in (folder / "base").iterdir())
    assert left == ["b.began", "b.tar.gz", "c.began"]


def test_the_newest_copy_stays_however_old(folder: Path) -> None:
    for file in ("base/a.began", "base/a.tar.gz"):
        (folder / file).write_text("x")
        os.utime(folder / file, (0, 0))
    assert run(folder, "forget", "28") == 0
    assert (folder / "base" / "a.tar.gz").exists()


def test_with_backups_the_server_has_all_its_settings_and_needs_a_cipher() -> None:
    plain, backed_up = (
        yaml.safe_load((ROOT / name).read_text())["services"]["postgis"]
        for name in ("docker-compose.yml", "docker-compose.backup.yml")
    )
    assert set(plain["command"]) <= set(backed_up["command"])
    assert "-carchive_mode=on" in backed_up["command"]
    assert backed_up["environment"]["BACKUP_ENCRYPT"].startswith("${BACKUP_ENCRYPT:?")
