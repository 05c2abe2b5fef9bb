"""Limits on what callers without an account may do, counted without knowing who they are.

A counter's name is an HMAC of purpose, caller and period under a key that lives in memory alone. So
nothing that is stored can be traced back to a caller, nor one day's counters to the next day's, and
once the process ends nobody can tell whose a counter was.
"""

import datetime as dt
import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

DAY = dt.timedelta(days=1)
SLACK_SECONDS = 60  # a counter outlives its period by this much, so that none ends while in use


class LimitReachedError(Exception):
    """Too often. ``wait`` seconds from now it may be tried again."""

    def __init__(self, wait: int) -> None:
        super().__init__()
        self.wait = wait


class LimitsAwayError(Exception):
    """The counters cannot be reached. What cannot be counted is not allowed."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How often a caller may do something.

    Attributes:
        purpose: what is limited.
        most: how often, in each period.
        period: counts for a day at most, since callers get other names each day.
    """

    purpose: str
    most: int
    period: dt.timedelta


Take = Callable[[Limit, str], None]


@contextmanager
def limited() -> Iterator[Take]:
    """A function ``take(limit, caller)``; whatever it took is given back if the block fails.

    Raises:
        LimitReachedError: from ``take``, if the limit is reached. However many ask in parallel, no
            more than ``most`` get through.
        LimitsAwayError: from ``take``, if Redis is away.
    """
    taken: list[str] = []
    try:
        yield lambda limit, caller: taken.append(_take(limit, caller))
    except BaseException:
        for key in taken:
            _give_back(key)
        raise


def _take(limit: Limit, caller: str) -> str:
    period = int(min(limit.period, DAY).total_seconds())
    number, passed = divmod(int(time.time()), period)
    key = _key(limit.purpose, caller, period, number)
    try:
        cache.add(key, 0, timeout=period - passed + SLACK_SECONDS)
        count = cache.incr(key)
    except (RedisError, ValueError):  # away, or dropped for want of memory
        raise LimitsAwayError from None
    if count > limit.most:
        _give_back(key)
        raise LimitReachedError(period - passed)
    return key


def _give_back(key: str) -> None:
    with suppress(RedisError, ValueError):
        cache.decr(key)


def _key(purpose: str, caller: str, period: int, number: int) -> str:
    told = "\0".join((purpose, caller, str(period), str(number))).encode()
    return "limits:" + hmac.new(settings.LIMITS_KEY, told, hashlib.sha256).hexdigest()
