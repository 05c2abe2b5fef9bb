"""Limits on a Redis of the proof's own: exact across processes, and cheap when it hangs.

The processes are forked before anything is connected; each counts as a web process does.
"""

import os
import signal
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from typing import Any

import redis
from django.core.cache import cache

from services.counters import PAUSE_S, breakers
from services.limits import DAY, Limit, LimitReachedError, LimitsAwayError, limited
from tests.proofs.table import Table

PROCESSES, MOST, ROUNDS = 64, 20, 5
CALLS = 200
LONGEST_S = 0.25


def prove_counting(table: Table, socket: str) -> None:
    """Ask from 64 processes at once; then stop Redis and ask on."""
    for name, outcome in (("that keep it", _keep), ("that fail and give it back", _fail)):
        passed = [_at_once(f"{name} {number}", outcome) for number in range(ROUNDS)]
        table.promise(
            f"of {PROCESSES} processes at once {name}, {MOST} allowed",
            passed,
            held=passed == [MOST] * ROUNDS,
        )
    _prove_hanging(table, socket)


def _at_once(name: str, outcome: Callable[[Limit, Any], bool]) -> int:
    context = get_context("fork")
    together, counted = context.Barrier(PROCESSES), context.Value("i", 0)
    cache.close()
    children = [
        context.Process(target=_child, args=[Limit(name, MOST, DAY), outcome, together, counted])
        for _ in range(PROCESSES)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    return int(counted.value)


def _child(
    limit: Limit, outcome: Callable[[Limit, Any], bool], together: Any, counted: Any
) -> None:
    cache.close()
    breakers.clear()
    together.wait(60)
    if outcome(limit, together):
        with counted.get_lock():
            counted.value += 1


def _keep(limit: Limit, _together: Any) -> bool:
    try:
        with limited() as take:
            take(limit, "203.0.113.7/32")
    except LimitReachedError:
        return False
    return True


def _fail(limit: Limit, together: Any) -> bool:
    """Take one, and give it back when all have asked. Then so many may again."""
    try:
        with suppress(ZeroDivisionError), limited() as take:
            take(limit, "203.0.113.7/32")
            together.wait(60)
            _ = 1 / 0
    except LimitReachedError:
        together.wait(60)
    together.wait(60)
    return _keep(limit, together)


def _prove_hanging(table: Table, socket: str) -> None:
    _keep(Limit("before", 1_000, DAY), None)
    with _stopped(socket):
        waited = [_seconds_of_a_refusal() for _ in range(CALLS)]
    table.promise(
        "Redis hangs (SIGSTOP): the first who asks waits, s",
        f"{waited[0]:.3f}",
        held=waited[0] <= LONGEST_S,
    )
    table.promise(
        f"the next {CALLS - 1} of that process together, s",
        f"{sum(waited[1:]):.4f}",
        held=sum(waited[1:]) < LONGEST_S,
    )
    table.figure("one of them, median, ms", f"{1000 * statistics.median(waited[1:]):.3f}")
    time.sleep(PAUSE_S)
    healed = _keep(Limit("after", 1_000, DAY), None)
    table.promise("it goes on: counted again without a restart", healed, held=healed)


def _seconds_of_a_refusal() -> float:
    began = time.monotonic()
    try:
        _keep(Limit("hangs", 1_000, DAY), None)
    except LimitsAwayError:
        return time.monotonic() - began
    return float("inf")  # it was counted, though nobody counts


@contextmanager
def _stopped(socket: str) -> Iterator[None]:
    with redis.Redis(unix_socket_path=socket) as asked:
        pid = int(asked.info("server")["process_id"])
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
