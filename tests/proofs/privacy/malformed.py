"""Requests that are not what they should be, with values of the searcher in the broken part."""

import json
from collections.abc import Callable

from tests.proofs.privacy.canaries import Canary

Raw = Callable[[Canary], bytes]
LONG = 40_000  # bytes, more than either server takes in headers


def _post(one: Canary, body: bytes, *more: str) -> bytes:
    lines = [
        "POST /api/v1/nearby/ HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        "Content-Type: application/json",
        *(f"{name}: {value}" for name, value in one.headers.items()),
        *more,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _get(one: Canary, first: str, *more: str) -> bytes:
    headers = [f"{name}: {value}" for name, value in one.headers.items()]
    return "\r\n".join([first, "Connection: close", *headers, *more]).encode() + b"\r\n\r\n"


def _sized(one: Canary, body: bytes) -> bytes:
    return _post(one, body, f"Content-Length: {len(body)}")


def _told(one: Canary) -> bytes:
    return json.dumps(one.position | {"place": one.place}).encode()


MALFORMED: list[Raw] = [
    lambda one: _sized(one, _told(one)[:-1]),
    lambda one: _sized(one, b"\xff\xfe" + _told(one)),
    lambda one: _sized(one, b"[" * 5000 + _told(one)),
    lambda one: _sized(one, _told(one).replace(b"lat", b"lon")),
    lambda one: _post(one, _told(one), "Content-Length: 9999"),
    lambda one: _post(one, _told(one), f"Content-Length: {one.place.encode('latin-1')!r}"),
    lambda one: _post(one, _told(one), f"Content-Length: -1{one.token}"),
    lambda one: _post(one, b"zz\r\n" + _told(one), "Transfer-Encoding: chunked"),
    lambda one: _post(one, b"5\r\n" + _told(one) + b"\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
    lambda one: _post(one, _told(one), f"Transfer-Encoding: {one.token}"),
    lambda one: _post(one, _told(one), f"Content-Encoding: {one.token}", "Content-Length: 10"),
    lambda one: _post(one, _told(one), f"Content-Type: text/{one.token}; charset={one.token}"),
    lambda one: _post(one, _told(one), f"Expect: {one.token}"),
    lambda one: _get(one, f"{one.token} /{one.lat} HTTP/1.1", "Host: localhost"),
    lambda one: _get(one, f"GET /{one.lat},{one.lon} {one.place} HTTP/1.1", "Host: localhost"),
    lambda one: _get(one, f"GET /?lat={one.lat}&lon={one.lon} HTTP/9.9", "Host: localhost"),
    lambda one: _get(one, f"GET /?lat={one.lat} HTTP/1.1"),  # no Host
    lambda one: _get(one, "GET / HTTP/1.1", f"Host: {one.token}.example"),
    lambda one: _get(one, "GET /api/v1/nearby/ HTTP/1.1", f"Host: {one.token}.example:x"),
    lambda one: _get(one, "GET / HTTP/1.1", f"Host: {one.place} {one.lat}"),
    lambda one: _get(one, f"GET http://{one.token}.example/?lat={one.lat} HTTP/1.1", "Host: a"),
    lambda one: _get(one, f"CONNECT {one.token}.example:443 HTTP/1.1", "Host: localhost"),
    lambda one: _get(one, "GET / HTTP/1.1", "Host: localhost", f"{one.place}: x"),
    lambda one: _get(one, "GET / HTTP/1.1", "Host: localhost", f"X-A: \0{one.token}"),
    lambda one: _get(
        one, "GET / HTTP/1.1", "Host: localhost", f"Cookie: {one.token * LONG}"[:LONG]
    ),
    lambda one: _get(one, f"GET /{(one.token * LONG)[:LONG]} HTTP/1.1", "Host: localhost"),
    lambda one: _get(one, f"GET /%00%ff{one.lat}%zz HTTP/1.1", "Host: localhost"),
    lambda one: _get(one, "GET / HTTP/1.1", "Host: localhost", "Range: bytes=" + one.token),
    lambda one: b"\x16\x03\x01\x02" + _told(one),  # the beginning of TLS, and no more
    lambda one: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _told(one),
    lambda one: f"GET /{one.lat}\r\n".encode(),
    _told,
]
