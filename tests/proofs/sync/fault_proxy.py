"""A TCP proxy on loopback that breaks connections as bad networks do, by a dice with a seed.

A connection is broken in one way at most. The dice is thrown in the order in which connections
come, so the faults are the same in every run; whose connection comes when is not.
"""

import contextlib
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum

RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER for no time: the other side gets a reset
LONGEST_LATENCY_S = 0.2
CHUNK = 65_536
END_OF_HEADERS = b"\r\n\r\n"


class Fault(Enum):
    """What becomes of a connection."""

    NONE = "none"
    LATENCY = "latency"
    RESET_AT_ONCE = "reset before the request"
    RESET_IN_REQUEST = "reset amid the request"
    RESET_BEFORE_ANSWER = "reset before the answer"
    RESET_IN_ANSWER = "reset amid the answer"
    CUT_ANSWER = "answer cut short"
    HALF_OPEN = "half-open: request lost, no answer"
    ANSWER_LOST = "half-open: request served, no answer"


USUAL = [*[Fault.NONE] * 5, *Fault]
ANSWERED = {Fault.RESET_BEFORE_ANSWER, Fault.RESET_IN_ANSWER, Fault.CUT_ANSWER, Fault.ANSWER_LOST}


class FaultProxy:
    """Passes connections on to a server.

    Args:
        port: of the server, on loopback.
        plan: faults of the first connections.
        seed: of the faults of all others.
        usual: the faults that the dice chooses from.

    Attributes:
        counts: connections by fault.
        answers_lost: answers of the server that the client did not get whole.
    """

    def __init__(
        self, port: int, *, plan: Sequence[Fault] = (), seed: int = 0, usual: Sequence[Fault] = ()
    ) -> None:
        self._server, self._plan = port, iter(plan)
        self._dice, self._usual = random.Random(seed), usual or USUAL
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._lock, self._threads = threading.Lock(), list[threading.Thread]()
        self.counts: Counter[Fault] = Counter()
        self.answers_lost = 0

    @property
    def address(self) -> str:
        """Where clients go."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        """Take connections until it is closed."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            fault = next(self._plan, None) or self._dice.choice(self._usual)
            latency_s = self._dice.uniform(0, LONGEST_LATENCY_S)
            self.counts[fault] += 1
            thread = threading.Thread(target=self._pass_on, args=(client, fault, latency_s))
            thread.start()
            self._threads = [one for one in self._threads if one.is_alive()] + [thread]

    def close(self) -> None:
        """Take no more, and end those that are left."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _pass_on(self, client: socket.socket, fault: Fault, latency_s: float) -> None:
        with self._kept(client), contextlib.suppress(OSError):
            if fault == Fault.RESET_AT_ONCE:
                _reset(client)
                return
            request = _message(client)
            if fault == Fault.HALF_OPEN:
                _wait_for_end(client)
                return
            if fault == Fault.LATENCY:
                time.sleep(latency_s)
            if fault == Fault.RESET_IN_REQUEST:
                request = request[: len(request) // 2]
            answer = self._ask(request, whole=fault != Fault.RESET_IN_REQUEST)
            self.answers_lost += fault in ANSWERED and bool(answer)
            _answer(client, answer, fault)

    def _ask(self, request: bytes, *, whole: bool) -> bytes:
        """What the server answers; nothing if it is away, or was not asked whole."""
        with contextlib.suppress(OSError):
            server = socket.create_connection(("127.0.0.1", self._server))
            with self._kept(server):
                server.sendall(request)
                if whole:
                    return _message(server)
                _reset(server)
        return b""

    @contextmanager
    def _kept(self, one: socket.socket) -> Iterator[None]:
        """A socket that is closed at the end, or with the proxy."""
        with self._lock:
            self._open.add(one)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(one)
            one.close()


def _answer(client: socket.socket, answer: bytes, fault: Fault) -> None:
    """Hand the answer on, as far as the fault lets it."""
    if fault in {Fault.RESET_IN_REQUEST, Fault.RESET_BEFORE_ANSWER}:
        _reset(client)
    elif fault == Fault.ANSWER_LOST:
        _wait_for_end(client)
    elif fault in {Fault.RESET_IN_ANSWER, Fault.CUT_ANSWER}:
        client.sendall(answer[: len(answer) * 2 // 3])
        if fault == Fault.RESET_IN_ANSWER:
            _reset(client)
    else:
        client.sendall(answer)


def _message(one: socket.socket) -> bytes:
    """A request or an answer of HTTP, whole as far as it comes."""
    data = b""
    while _missing(data) and (part := one.recv(CHUNK)):
        data += part
    return data


def _missing(data: bytes) -> bool:
    head, found, body = data.partition(END_OF_HEADERS)
    if not found:
        return True
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return len(body) < int(value)
    return not head.startswith((b"GET", b"HEAD"))  # an answer of no told length ends with the line


def _wait_for_end(client: socket.socket) -> None:
    """Say nothing, until the client gives up."""
    while client.recv(CHUNK):
        pass


def _reset(one: socket.socket) -> None:
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)


@contextmanager
def proxy_before(proxy: FaultProxy) -> Iterator[FaultProxy]:
    """A proxy that serves, in a thread of its own."""
    thread = threading.Thread(target=proxy.serve)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join()
