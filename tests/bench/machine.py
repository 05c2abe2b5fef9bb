"""What it was measured on: the machine and the versions."""

import datetime as dt
import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import psycopg

PACKAGES = ("django", "djangorestframework", "djangorestframework-gis", "granian", "numba", "numpy")
GIB = 1 << 30
QUIET = 0.5  # a load below which a machine counts as doing nothing else


def load() -> float:
    """How many threads ran, or waited for a core or a disk, in about the last minute."""
    return os.getloadavg()[0]


def machine() -> dict[str, str]:
    """Facts by name, in the order to be told."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    with psycopg.connect(dbname=os.environ["PGDATABASE"]) as connection:
        postgres = _one(connection, "SHOW server_version").split()[0]
        postgis = _one(
            connection, "SELECT default_version FROM pg_available_extensions WHERE name = 'postgis'"
        )
    found = {
        "Date": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d"),
        "Processor": f"{_processor()}, {os.cpu_count()} cores",
        "Load before": f"{load():.1f} threads",
        "Memory": f"{memory:.0f} GiB",
        "System": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "PostgreSQL": f"{postgres}, PostGIS {postgis}",
        "Redis": _said_by("redis-server", "--version").partition("v=")[2].split(" ")[0],
        "wrk": _said_by("wrk", "--version").partition("wrk ")[2].split(" ")[0],
    }
    return found | {name: importlib.metadata.version(name) for name in PACKAGES}


def _one(connection: psycopg.Connection[Any], statement: str) -> str:
    row = connection.execute(statement).fetchone()
    return str(row[0]) if row else ""


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.exists():
        return platform.processor()
    lines = (line.partition(":") for line in cpuinfo.read_text().splitlines())
    return next((value.strip() for name, _, value in lines if name.strip() == "model name"), "")


def _said_by(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout + done.stderr
