"""Phones of outreach workers: each keeps its reports in the Python client's queue, and sends them.

A phone's clock goes faster, as far as its waits between tries are concerned, and its sleeps are as
much shorter: what would take an hour of a bad network takes minutes.
"""

import queue
import random
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from locator_offline import ReportQueue, Sender, Step, Transport
from services.vocabulary import Availability

STATES = [Availability.AVAILABLE, Availability.LIMITED, Availability.WAITLIST, Availability.FULL]
SPEED = 100.0  # of a phone's clock
LONGEST_PATIENCE_S = 30.0
REST_S = 0.05  # at least, between tries
RESTARTED = 0.1  # of all tries: the app is started again, from what is on the disk
LAST = 0  # an order to make no more


class RememberingQueue(ReportQueue):
    """Tells which reports it was told are stored."""

    def __init__(self, path: Path, acknowledged: set[str]) -> None:
        super().__init__(path)
        self._acknowledged = acknowledged

    def settle(self, done: object, refused: object) -> None:
        """As the queue does, and remember."""
        ids = list(done)  # type: ignore[call-overload]
        super().settle(ids, refused)  # type: ignore[arg-type]
        self._acknowledged.update(ids)


@dataclass
class Phone:
    """One phone.

    Attributes:
        file: where its queue is.
        orders: how many reports to make next; LAST ends it when all are sent.
        made: ids of its reports; acknowledged: of those that the server said it has.
        give_up: ends it although reports wait.
        patience_s: without a byte for so long it gives an answer up; then twice
            as long, so that a slow server is waited for in the end.
    """

    number: int
    file: Path
    address: str
    token: str
    services: Sequence[uuid.UUID]
    give_up: threading.Event
    patience_s: float = 2.0
    orders: "queue.SimpleQueue[int]" = field(default_factory=queue.SimpleQueue)
    made: list[str] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    refused: int = 0
    waiting: int = 0
    tries: int = 0
    restarts: int = 0

    def live(self) -> None:
        """Make reports as ordered and send them, until the last is sent."""
        self._dice, self._timeout_s = random.Random(self.number), self.patience_s
        self._start()
        step, more = Step.EMPTY, True
        while (more or step is not Step.EMPTY) and not self.give_up.is_set():
            if more:
                more = self._take_order(wait=step is Step.EMPTY)
            step = self._try()
        self.refused, self.waiting = len(self._queue.refused()), len(self._queue.waiting())
        self._queue.close()

    def _start(self) -> None:
        self._queue = RememberingQueue(self.file, self.acknowledged)
        self._sender = Sender(
            self._queue,
            Transport(self.address, timeout_s=self._timeout_s),
            token=self.token,
            clock=lambda: time.monotonic() * SPEED,
            dice=self._dice.random,
        )

    def _try(self) -> Step:
        """Send what can be sent; if that failed wait a little, and start anew from the disk."""
        self.tries += 1
        began = time.monotonic()
        step = self._sender.flush()
        if time.monotonic() - began >= self._timeout_s:
            self._timeout_s = min(2 * self._timeout_s, LONGEST_PATIENCE_S)
        if step is Step.LATER:
            self.give_up.wait(REST_S)
        else:
            self._timeout_s = self.patience_s
        if step is Step.LATER or self._dice.random() < RESTARTED:
            self.restarts += 1
            self._queue.close()
            self._start()
        return step

    def _take_order(self, *, wait: bool) -> bool:
        """Make the reports of the next order, if there is one; whether more may come."""
        try:
            many = self.orders.get(block=wait)
        except queue.Empty:
            return True
        for _ in range(many):
            state = self._dice.choice(STATES)
            left = {} if state == Availability.FULL else {"remaining": self._dice.randint(1, 9)}
            service = str(self._dice.choice(self.services))
            self.made.append(self._queue.add(service, state.value, **left))
        return many != LAST
