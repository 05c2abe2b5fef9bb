"""A steady load: requests at fixed moments, which wrk cannot do.

A request that had to wait for the answer before it is timed from the moment it was due, so a server
that stalls is charged for all who would have waited; one that this program woke up late for is not.
"""

import socket
import threading
import time
from collections.abc import Callable

Timed = tuple[float, float]  # when it was due, on the clock of perf_counter; seconds it took


class Connection:
    """A connection that posts bodies to one path, opened anew when the server says goodbye."""

    def __init__(self, port: int, path: str) -> None:
        self._port = port
        self._open()
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()

    def _open(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._is_over = False

    def post(self, body: bytes) -> bytes:
        """The body of the answer.

        Raises:
            RuntimeError: it was not 200.
        """
        if self._is_over:
            self._socket.close()
            self._open()
        self._socket.sendall(self._head + f"{len(body)}\r\n\r\n".encode() + body)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._received()
        head, _, rest = answer.partition(b"\r\n\r\n")
        if b" 200 " not in head[:16]:
            raise RuntimeError(head.split(b"\r\n")[0].decode())
        self._is_over = b"\r\nconnection: close" in head.lower()
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        parts, left = [rest], length - len(rest)
        while left > 0:
            parts.append(self._received())
            left -= len(parts[-1])
        return b"".join(parts)

    def _received(self) -> bytes:
        part = self._socket.recv(1 << 18)
        if not part:
            raise RuntimeError("The server closed the connection.")
        return part

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def paced(
    port: int,
    path: str,
    bodies: list[bytes],
    *,
    per_second: float,
    go_on: Callable[[], bool],
    lanes: int = 2,
) -> list[Timed]:
    """Post the bodies in turn at a steady rate while ``go_on()``, over some connections."""
    times: list[Timed] = []
    failures: list[Exception] = []
    start = time.perf_counter() + 0.05

    def lane(number: int) -> None:
        try:
            _follow_the_clock(number)
        except Exception as error:  # told by the thread that started it
            failures.append(error)

    def _follow_the_clock(number: int) -> None:
        connection, turn = Connection(port, path), number
        while go_on() and not failures:
            due = start + turn / per_second
            began = due
            if (early := due - time.perf_counter()) > 0:
                time.sleep(early)
                began = time.perf_counter()
            connection.post(bodies[turn % len(bodies)])
            times.append((due, time.perf_counter() - began))
            turn += lanes
        connection.close()

    threads = [threading.Thread(target=lane, args=(number,)) for number in range(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return times


def for_seconds(seconds: float) -> Callable[[], bool]:
    """True until so many seconds have passed."""
    end = time.perf_counter() + seconds
    return lambda: time.perf_counter() < end
