"""A load on one path of a local server: requests a second, and how long they take."""

import http.client
import statistics
import threading
import time
from dataclasses import dataclass

HEADERS = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Rate:
    """What a load measured: requests a second, milliseconds of the median and the slowest 1 %."""

    per_second: float
    median_ms: float
    p99_ms: float


def rate_of(port: int, path: str, bodies: list[bytes], *, seconds: float, clients: int) -> Rate:
    """Send the bodies in turn from some clients with open connections, for some seconds.

    Raises:
        RuntimeError: an answer was not 200.
    """
    times: list[float] = []
    failures: list[int] = []
    end = time.perf_counter() + seconds

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        turn = number
        while time.perf_counter() < end:
            began = time.perf_counter()
            connection.request("POST", path, bodies[turn % len(bodies)], HEADERS)
            answer = connection.getresponse()
            answer.read()
            times.append(time.perf_counter() - began)
            turn += clients
            if answer.status != http.client.OK:
                failures.append(answer.status)
                return

    began = time.perf_counter()
    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(f"{path} answered {failures[0]}")
    took = time.perf_counter() - began
    cuts = statistics.quantiles(times, n=100)
    return Rate(len(times) / took, cuts[49] * 1000, cuts[98] * 1000)
