"""``make prove-headers``: what the real web server sends, byte by byte, to good and bad requests.

An answer is ours, and then has every header; or the server's own, and then has no body at all. No
answer repeats what was sent.
"""

import os
import socket
from typing import Any

from checkout import checkout_here

from tests.proofs.imports import a_database
from tests.proofs.table import Table, end
from tests.proofs.web import Web, web

CANARY = "canary-39.9526"
SEARCH = '{"lat": 39.9526, "lon": -75.1652}'
JSON = "Content-Type: application/json"
GOOD = {
    "a search": f"POST /api/v1/nearby/ HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\nContent-Length: {len(SEARCH)}\r\n\r\n{SEARCH}",
    "a page": "GET /api/docs/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "the sign-in": "GET /admin/login/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a way to the sign-in": "GET /admin/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a file": "GET /static/admin/css/base.css HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "no such file": f"GET /static/{CANARY} HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "no such page": f"GET /{CANARY} HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "whom to tell": "GET /.well-known/security.txt HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "the head of a page": "HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a method of nobody's": "BREW /api/v1/nearby/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "another host": f"GET / HTTP/1.1\r\nHost: {CANARY}.example\r\n\r\n",
    "no host": "GET / HTTP/1.0\r\n\r\n",
    "a position in the address": "GET /api/v1/kinds/?lat=39.9526 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a type that is none": f"POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Type: a/b; c*={CANARY}''%ff\r\nContent-Length: 0\r\n\r\n",
    "broken JSON": f"POST /api/v1/nearby/ HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\nContent-Length: 16\r\n\r\n{{{CANARY}}}",
}  # fmt: skip
BAD = {
    "no HTTP": f"{CANARY}\r\n\r\n",
    "TLS": "\x16\x03\x01\x02\x00\x01\x00",
    "a line of blanks": "GET  /  HTTP/1.1\r\n\r\n",
    "a version that is none": f"GET /{CANARY} HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "a header without a colon": f"GET / HTTP/1.1\r\nHost: localhost\r\n{CANARY}\r\n\r\n",
    "a NUL in a header": f"GET / HTTP/1.1\r\nHost: localhost\r\nX: {CANARY}\0\r\n\r\n",
    "two lengths": f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{CANARY}",
    "a length that is none": f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {CANARY}\r\n\r\n",
    "pieces that are none": f"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{CANARY}",
    "a header of a megabyte": f"GET / HTTP/1.1\r\nHost: localhost\r\nX: {CANARY * 70_000}\r\n\r\n",
}  # fmt: skip


def sent(port: int, request: str) -> bytes:
    """All that comes back until the server closes, or says no more for a moment."""
    told = b""
    with socket.create_connection(("127.0.0.1", port), timeout=3) as line:
        try:
            line.sendall(request.encode("latin-1"))
            while piece := line.recv(65_536):
                told += piece
        except OSError:  # it closed while we were still sending, or waits for more
            pass
    return told


def prove(server: Web, table: Table) -> None:
    """Every request, and what is wrong with its answer."""
    from api.headers import EVERYWHERE

    for name, request in (GOOD | BAD).items():
        told = sent(server.port, request)
        head, _, body = told.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        names = {line.partition(":")[0].lower() for line in lines[1:]}
        lacking = [one for one in EVERYWHERE if one.lower() not in names]
        is_ours = not lacking
        fine = is_ours if name in GOOD else is_ours or not body
        seen = f"{lines[0] or 'closed'}{'' if is_ours else ', by the server'}"
        table.promise(name, seen, held=fine and CANARY.encode() not in told)


def main() -> None:
    """Print the table; exit code 1 if a promise does not hold."""
    table: Any = Table()
    checkout = checkout_here(os.environ)
    with a_database(), web(checkout, os.environ) as server:
        prove(server, table)
    kept = table.show("Headers: of every answer of the real web server")
    end(kept=kept)


if __name__ == "__main__":
    main()
