"""When to try again: later and later, at random, and not before the server allows it."""

import datetime as dt
import email.utils
import math
from collections.abc import Callable
from typing import Any

from locator_offline.queue import ReportQueue

FIRST_S, LONGEST_S = 1.0, 300.0
LONGEST_ASKED_S = 86_400.0  # longer a Retry-After is a mistake, and the reports too old
NOTE = "fault"


class Backoff:
    """The wait after faults, remembered in the queue: a restart does not begin anew.

    Args:
        queue: where it is remembered.
        clock: POSIX time.
        dice: a number in [0, 1), at random.
    """

    def __init__(
        self, queue: ReportQueue, clock: Callable[[], float], dice: Callable[[], float]
    ) -> None:
        self._queue, self._clock, self._dice = queue, clock, dice

    def left_s(self) -> float:
        """Seconds still to wait."""
        now, fault = self._clock(), self._queue.note(NOTE)
        if fault is None or now < fault["at"]:  # a clock that was set back says nothing
            return 0.0
        return max(0.0, float(fault["until"]) - now)

    def add_fault(self, retry_after: str = "") -> None:
        """Wait longer than the last time.

        Args:
            retry_after: what the server said, seconds or a date; "" if nothing.

        Source: exponential backoff with full jitter.
        """
        now, fault = self._clock(), self._queue.note(NOTE)
        count = fault["count"] if fault else 0
        most = min(LONGEST_S, FIRST_S * 2.0 ** min(count, 30))
        wait = max(self._dice() * most, asked_s(retry_after, now))
        self._queue.remember(NOTE, {"count": count + 1, "at": now, "until": now + wait})

    def reset(self) -> None:
        """The server answers again."""
        if self._queue.note(NOTE) is not None:
            self._queue.remember(NOTE, None)


def asked_s(retry_after: str, now: float) -> float:
    """Seconds that a Retry-After asks for, a day at most; 0 if it cannot be read."""
    try:
        seconds = float(retry_after)
    except ValueError:
        seconds = _until(retry_after) - now
    return min(max(0.0, seconds), LONGEST_ASKED_S) if math.isfinite(seconds) else 0.0


def _until(text: str) -> float:
    try:
        moment: Any = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return -math.inf
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return float(moment.timestamp())
