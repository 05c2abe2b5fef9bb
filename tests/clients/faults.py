"""A server on loopback that takes batches of reports, and goes wrong as it is told."""

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PROBLEM = {"type": "/problems/x", "title": "Not like this"}


@dataclass
class Fault:
    """How one answer goes wrong.

    Attributes:
        status: of the answer to the whole batch; 0: as the batch deserves.
        commit: whether the reports are stored nevertheless.
        cut: the line breaks half way through the answer; "all": before it.
    """

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    commit: bool = False
    cut: str = ""


class ReportServer(ThreadingHTTPServer):
    """Stores reports by id, and answers a repetition as the first time."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.stored: dict[str, dict[str, Any]] = {}
        self.times: dict[str, int] = {}  # stored anew: more than once would be counted twice
        self.items: dict[str, int] = {}  # by note of a report the status it is answered with
        self.faults: deque[Fault] = deque()
        self.tokens: set[str] | None = None
        self.most, self.batches = 500, list[list[str]]()
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, report: dict[str, Any]) -> dict[str, Any]:
        id_ = report["id"]
        if refusal := self.items.get(report.get("note", "")):
            return {"id": id_, "status": refusal, "problem": PROBLEM}
        again = id_ in self.stored
        if not again:
            self.stored[id_] = report
            self.times[id_] = self.times.get(id_, 0) + 1
        return {"id": id_, "status": 200 if again else 201, "report": self.stored[id_]}


class Handler(BaseHTTPRequestHandler):
    server: ReportServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            fault = self.server.faults.popleft() if self.server.faults else Fault()
            self._answer(json.loads(text)["reports"], fault)

    def _answer(self, reports: list[dict[str, Any]], fault: Fault) -> None:
        self.server.batches.append([report["id"] for report in reports])
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.server.tokens is not None and token not in self.server.tokens:
            self._send(401, {}, json.dumps(PROBLEM).encode(), "")
            return
        if len(reports) > self.server.most:
            self._send(413, {}, json.dumps(PROBLEM).encode(), "")
            return
        results = []
        if fault.commit or not fault.status:
            results = [self.server.answer(report) for report in reports]
        body = json.dumps({"results": results}).encode() if fault.body is None else fault.body
        self._send(fault.status or 200, fault.headers, body, fault.cut)

    def _send(self, status: int, headers: dict[str, str], body: bytes, cut: str) -> None:
        self.close_connection = True
        if cut == "all":
            return
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)

    def log_message(self, *_: Any) -> None:
        """Tests are quiet."""


@contextmanager
def running(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Time:
    """A clock that goes on when somebody sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = 1_800_000_000.0, list[float]()

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
