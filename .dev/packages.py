"""Packages of the operating system: what is there, what is missing, how to get it."""

import ctypes.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from refusal import Refusal

MACOS = sys.platform == "darwin"
LOCALE = "en_US.UTF-8" if MACOS else "C.UTF-8"
BREW_LINE = "brew install postgresql@17 postgis redis gdal"
DEBIAN_POSTGRES = Path("/usr/lib/postgresql")
BREW_PREFIXES = (Path("/opt/homebrew/opt"), Path("/usr/local/opt"))


def missing_packages() -> list[str]:
    """Debian packages for what is not there yet, whoever brought what is."""
    missing = []
    if next(_postgres_with_postgis(), None) is None:
        missing += ["postgresql", "postgresql-postgis"]
    if shutil.which("redis-server") is None or shutil.which("redis-cli") is None:
        missing += ["redis-server"]
    if ctypes.util.find_library("gdal") is None:
        missing += ["gdal-bin"]
    return missing


def install_missing_packages() -> None:
    """Install what is missing, or say in one line how to."""
    missing = missing_packages()
    if not missing:
        return
    if MACOS:
        raise Refusal(f"Something is missing here. Run this once:\n\n    {BREW_LINE}\n")
    line = f"sudo apt-get install -y --no-install-recommends {' '.join(missing)}"
    if shutil.which("apt-get") is None:
        raise Refusal(f"Missing: PostgreSQL with PostGIS, Redis or GDAL. On Debian: {line}")
    if not _may_install():
        raise Refusal(f"Some packages are missing. Run this once:\n\n    {line}\n")
    print(f"Installing {', '.join(missing)} …", flush=True)
    _apt("update")
    _apt("install", "-y", "--no-install-recommends", *missing)
    postgres_programs.cache_clear()


@cache
def postgres_programs() -> Path:
    """Directory of the newest PostgreSQL here that has PostGIS."""
    found = next(_postgres_with_postgis(), None)
    if found is None:
        raise Refusal("No PostgreSQL with PostGIS here. Say: make run")
    return found


def _postgres_with_postgis() -> Iterator[Path]:
    """Program directories, newest version first."""
    versions = sorted(
        (path for path in DEBIAN_POSTGRES.glob("*") if path.name.isdigit()),
        key=lambda path: int(path.name),
        reverse=True,
    )
    for version in versions:
        shared = Path("/usr/share/postgresql") / version.name
        if (version / "bin/initdb").exists() and _has_postgis(shared):
            yield version / "bin"
    for prefix in BREW_PREFIXES:
        for folder in sorted(prefix.glob("postgresql@*"), key=_brew_version, reverse=True):
            if any(_has_postgis(shared) for shared in folder.glob("share/postgresql*")):
                yield folder / "bin"


def _has_postgis(shared: Path) -> bool:
    return (shared / "extension/postgis.control").exists()


def _brew_version(folder: Path) -> int:
    return int(re.sub(r"\D", "", folder.name) or 0)


def _may_install() -> bool:
    if os.geteuid() == 0:
        return True
    if shutil.which("sudo") is None:
        return False
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return asked.returncode == 0


def _apt(*words: str) -> None:
    """Run apt-get, which says nothing unless it fails."""
    before = [] if os.geteuid() == 0 else ["sudo", "-n"]
    command = [*before, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", *words]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refusal(f"{done.stdout}\napt-get {words[0]} failed.")
