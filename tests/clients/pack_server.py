"""A server on loopback with one pack and pages of changes, over a line that may break."""

import gzip
import json
import re
from base64 import b64encode
from collections import deque
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from locator_offline.store import Listed
from tests.clients.signing import public_key
from tests.clients.worlds import REGION, SECRET


@dataclass
class Asked:
    """A request, as far as it matters."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]


@dataclass
class Offered:
    """A pack with what is listed of it."""

    listed: Listed
    pack: bytes
    tag: str = '"p1"'
    key: bytes = field(default=public_key(SECRET))


class PackServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, offered: Offered) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.offered = offered
        self.pages: dict[str, tuple[int, bytes]] = {}  # by cursor
        self.cuts: deque[int] = deque()  # bytes after which the line breaks
        self.asked: list[Asked] = []
        self.compressed = True

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def list(self) -> bytes:
        listed, pack = self.offered.listed, self.offered.pack
        one = {**asdict(listed), "name": "Pennsylvania", "services": 1, "sites": 1, "areas": []}
        sizes = {"bytes": len(pack), "bytes_gzip": len(gzip.compress(pack, mtime=0))}
        key = b64encode(self.offered.key).decode()
        return json.dumps({"public_key": key, "packs": [one | sizes]}).encode()


class Handler(BaseHTTPRequestHandler):
    server: PackServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.server.asked.append(Asked(url.path, parse_qs(url.query), dict(self.headers)))
        if url.path == "/api/v1/packs/":
            tag = f'"{hash(self.server.list())}"'
            self._send(200, self.server.list(), {"ETag": tag}, tag)
        elif url.path == f"/api/v1/packs/{REGION}/":
            self._pack()
        else:
            status, page = self.server.pages[parse_qs(url.query)["cursor"][0]]
            packed = self.server.compressed and "gzip" in self.headers.get("Accept-Encoding", "")
            headers = {"Content-Encoding": "gzip"} if packed else {}
            self._send(status, gzip.compress(page) if packed else page, headers)

    def _pack(self) -> None:
        tag, body, headers = self.server.offered.tag, self.server.offered.pack, {}
        if self.server.compressed and "gzip" in self.headers.get("Accept-Encoding", ""):
            body, headers = gzip.compress(body, mtime=0), {"Content-Encoding": "gzip"}
        headers["ETag"] = tag
        status, size = 200, len(body)
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and self.headers.get("If-Range", tag) == tag:
            status, start = 206, int(asked[1])
            headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
            body = body[start:]
        self._send(status, body, headers, tag)

    def _send(self, status: int, body: bytes, headers: dict[str, str], tag: str = "") -> None:
        if tag and self.headers.get("If-None-Match") == tag:
            status, body = 304, b""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if (
            status in {200, 206}
            and "ETag" in headers
            and self.server.cuts
            and "packs/US" in self.path
        ):
            body = body[: self.server.cuts.popleft()]
            self.close_connection = True
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Tests are quiet."""
