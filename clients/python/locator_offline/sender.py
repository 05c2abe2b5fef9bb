"""Sending the queue: in batches, until the server has said of each report what became of it."""

import hashlib
import json
import random
import time
from collections.abc import Callable
from enum import Enum
from typing import Any

from locator_offline.backoff import Backoff
from locator_offline.queue import ReportQueue, Waiting
from locator_offline.transport import NetworkError, Reply, Transport

BATCH = "/api/v1/reports/batch/"
MOST_AT_ONCE = 500
MOST_BYTES = 1_900_000  # the server takes 2,000,000
STORED = {200, 201}
REFUSED = {400, 404, 409, 410, 422}
NOT_SIGNED_IN = {401, 403}
NOT_LIKE_THIS = {400, 413, 422}  # of a whole batch: too large, or something in it spoils it
PROBLEM = "application/problem+json"
NOTE = "refused_token"


class Step(Enum):
    """What one step of sending came to."""

    SENT = "sent"  # something was settled
    EMPTY = "empty"  # nothing waits
    LATER = "later"  # a fault, or its wait is not over
    SIGNED_OUT = "signed out"  # the token is refused: the person must sign in


class Sender:
    """Sends a queue's reports.

    Args:
        queue: the reports.
        transport: the way to the server.
        token: of the account; None while nobody is signed in.
        signed_out: told when the server refuses the token.
        clock: POSIX time.
        sleep: waits so many seconds.
        dice: a number in [0, 1), at random.
    """

    def __init__(
        self,
        queue: ReportQueue,
        transport: Transport,
        *,
        token: str | None,
        signed_out: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._queue, self._transport, self._token = queue, transport, token
        self._signed_out, self._sleep = signed_out, sleep
        self._backoff = Backoff(queue, clock, dice)
        self._most = MOST_AT_ONCE

    def sign_in(self, token: str) -> None:
        """Send with another token from now on."""
        self._token = token
        self._backoff.reset()

    def run(self) -> Step:
        """Send until nothing waits, or nobody is signed in; sleeps between tries."""
        while (step := self.flush()) is Step.LATER:
            self._sleep(self._backoff.left_s())
        return step

    def flush(self) -> Step:
        """Send until nothing waits, nobody is signed in, or something fails. Never sleeps."""
        while (step := self.step()) is Step.SENT:
            pass
        return step

    def step(self) -> Step:
        """Send one batch, if it is time."""
        if not (batch := self._batch()):
            return Step.EMPTY
        if self._token is None or self._queue.note(NOTE) == _hash(self._token):
            return Step.SIGNED_OUT
        if self._backoff.left_s() > 0:
            return Step.LATER
        try:
            return self._answered(batch, self._post(self._token, batch))
        except NetworkError:
            return self._later()

    def _answered(self, batch: list[Waiting], reply: Reply) -> Step:
        if reply.status in NOT_SIGNED_IN:
            self._queue.remember(NOTE, _hash(self._token or ""))
            self._signed_out()
            return Step.SIGNED_OUT
        if _is_not_like_this(reply):
            return self._smaller(batch, reply)
        return self._settled(batch, reply)

    def _batch(self) -> list[Waiting]:
        """The reports of the next batch: one at least, even if it is too large."""
        batch, size = list[Waiting](), 0
        for report in self._queue.waiting(self._most):
            size += len(report.body) + 1
            if batch and size > MOST_BYTES:
                break
            batch.append(report)
        return batch

    def _post(self, token: str, batch: list[Waiting]) -> Reply:
        body = f'{{"reports": [{",".join(report.body for report in batch)}]}}'.encode()
        return self._transport.post(BATCH, body, {"Authorization": f"Bearer {token}"})

    def _settled(self, batch: list[Waiting], reply: Reply) -> Step:
        """Forget what is stored, set aside what is refused; the rest stays."""
        results = results_of(reply, batch)
        if results is None:
            return self._later(reply.header("Retry-After"))
        done, refused, others = list[str](), list[tuple[str, int, Any]](), list[str]()
        for report, result in zip(batch, results, strict=False):
            if result["status"] in STORED:
                done.append(report.id)
            elif result["status"] in REFUSED:
                refused.append((report.id, result["status"], result.get("problem", {})))
            else:
                others.append(report.id)
        self._queue.settle(done, refused)
        self._queue.tried(others)
        if not done and not refused:
            return self._later()
        self._most = min(MOST_AT_ONCE, self._most * 2)
        self._backoff.reset()
        return Step.SENT

    def _smaller(self, batch: list[Waiting], reply: Reply) -> Step:
        """Halve the batch; a single report that is too large for the server is refused."""
        if len(batch) > 1:
            self._most = len(batch) // 2
        else:
            refusal = (batch[0].id, reply.status, _document(reply) or {})
            self._queue.settle([], [refusal])
        return Step.SENT

    def _later(self, retry_after: str = "") -> Step:
        self._backoff.add_fault(retry_after)
        return Step.LATER


def results_of(reply: Reply, batch: list[Waiting]) -> list[dict[str, Any]] | None:
    """The results of a batch by position; None if this is no answer to it.

    Whatever cannot be an answer to these very reports may come from anywhere, such as a network's
    sign-in page: nothing is forgotten for it.
    """
    document = _document(reply) if reply.status == 200 else None  # noqa: PLR2004
    results = document.get("results") if isinstance(document, dict) else None
    if not isinstance(results, list) or len(results) > len(batch):
        return None
    for report, result in zip(batch, results, strict=False):
        if not isinstance(result, dict) or not isinstance(result.get("status"), int):
            return None
        if result.get("id", report.id) not in {report.id, None}:
            return None
    return results


def _is_not_like_this(reply: Reply) -> bool:
    """Whether the server refuses the batch as a whole, and not somebody on the way to it."""
    told = reply.header("Content-Type").startswith(PROBLEM)
    return reply.status == 413 or (reply.status in NOT_LIKE_THIS and told)  # noqa: PLR2004


def _document(reply: Reply) -> Any:
    try:
        return json.loads(reply.body)
    except ValueError:
        return None


def _hash(token: str) -> str:
    """What tells that a token is the same, kept instead of it."""
    return hashlib.sha256(token.encode()).hexdigest()
