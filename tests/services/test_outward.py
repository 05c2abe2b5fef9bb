"""The product asks nobody: no stored address is ever called, so none can be used to reach inside.

It connects to PostgreSQL, to Redis and to a mail server, each named by its operator's settings.
"""

import ast
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.outward import Watch, watched

__all__ = ["watched"]

ROOT = Path(__file__).resolve().parents[2]
# What can reach another machine, or start what can.
CLIENTS = {
    "aiohttp", "asyncio", "boto3", "dns", "ftplib", "http.client", "httplib2", "httpx", "imaplib",
    "multiprocessing.connection", "nntplib", "paramiko", "poplib", "pycurl", "pywebpush",
    "requests", "smtplib", "socket", "socketserver", "ssl", "subprocess", "telnetlib", "urllib3",
    "urllib.request", "urllib.robotparser", "webbrowser", "websocket", "websockets", "xmlrpc",
    "django.core.mail", "django.contrib.gis.geoip2", "openpyxl.drawing.image",
}  # fmt: skip
# By what a name made at run time could be one of them; and where, with what it may be.
DYNAMIC = {"importlib", "__import__", "import_string", "import_module"}
ALLOWED = {
    ("locator/server.py", "multiprocessing.connection"),  # to its own processes
    ("locator/server.py", "socket"),  # it listens; and tells systemd, by NOTIFY_SOCKET
    ("services/transports.py", "django.core.mail"),  # to the host of EMAIL_URL, set by the operator
    ("services/transports.py", "import_string"),  # of settings.MESSAGE_TRANSPORT
}


def sources() -> list[Path]:
    """Every module of the product."""
    return [path for part in ("services", "api", "locator") for path in (ROOT / part).rglob("*.py")]


def reached_by(path: Path) -> Iterator[str]:
    """Clients that a module imports, and ways to import one without naming it."""
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Name) and node.id in DYNAMIC:
            yield node.id
        for name in names:
            parts = name.split(".")
            starts = {".".join(parts[:end]) for end in range(1, len(parts) + 1)}
            yield from sorted(starts & (CLIENTS | {"importlib"}))


def test_no_module_of_the_product_has_a_client_but_those_named() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), client)
        for path in sources()
        for client in reached_by(path)
    }
    assert found == ALLOWED


@pytest.mark.parametrize(
    "line",
    [
        "import requests",
        "from urllib import request",
        "from urllib.request import urlopen",
        "import http.client as c",
        "import asyncio.streams",
        "__import__('socket')",
        "from importlib import import_module",
    ],
)
def test_the_scan_finds_one(tmp_path: Path, line: str) -> None:
    (tmp_path / "module.py").write_text(line)
    assert list(reached_by(tmp_path / "module.py"))


def test_the_watch_sees_a_connection(watched: Watch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("127.0.0.1", 9))
    assert watched == []
    sys.audit("socket.connect", None, ("192.0.2.1", 80))  # as the interpreter tells of one
    sys.audit("socket.getaddrinfo", "clinic.example", 443, 0, 0, 0)
    assert len(watched) == 2


def test_nothing_served_names_another_host() -> None:
    ours = [*ROOT.glob("*/templates/**/*.html"), *ROOT.glob("*/static/*/*.js")]
    assert len(ours) > 20
    for path in ours:
        text = path.read_text()
        for word in ('src="http', 'src="//', 'href="http', 'href="//', "url(http", "fetch('http"):
            assert word not in text, path
