"""Limits on what callers without an account may do, counted without knowing who they are.

A counter's name is an HMAC of purpose, caller and period. Its key is made of two: one that only our
processes know, and one that Redis draws anew each day, keeps in memory alone and forgets when the
day is over. So a dump of Redis names nobody, what a process knows names nobody, and when the day is
over nobody can tell any more whose a counter was. See docs/adr/0019-a-key-for-a-day.md.
"""

import datetime as dt
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from django.conf import settings
from redis.exceptions import RedisError

from services.counters import AGREE, GIVE_BACK, TAKE, ask

DAY = dt.timedelta(days=1)
DAY_SECONDS = int(DAY.total_seconds())
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
days: dict[int, bytes] = {}  # what Redis drew for today, as far as this process knows


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
    told = "\0".join((limit.purpose, caller, str(period), str(number)))
    left = period - passed
    try:
        key, is_free = _count(told, limit.most, left + SLACK_SECONDS)
    except RedisError:  # away, or out of memory
        raise LimitsAwayError from None
    if not is_free:
        raise LimitReachedError(left)
    return key


def _count(told: str, most: int, seconds: int) -> tuple[str, bool]:
    """The counter's name, and whether it had room. Redis may have lost the day's key meanwhile."""
    day, passed = divmod(int(time.time()), DAY_SECONDS)
    for _attempt in range(3):
        drawn = days.get(day)
        if drawn is not None:
            key = _key(drawn, told)
            if (room := ask(TAKE, _named(day), key, arguments=(drawn, most, seconds))) >= 0:
                return key, bool(room)
        ends = DAY_SECONDS - passed + SLACK_SECONDS
        agreed = ask(AGREE, _named(day), arguments=(secrets.token_bytes(32), ends))
        days.clear()  # of all other days nothing is known any more
        days[day] = agreed
    raise LimitsAwayError  # it loses all it is told


def _give_back(key: str) -> None:
    with suppress(RedisError):
        ask(GIVE_BACK, key)


def _named(day: int) -> str:
    return f"limits-of-day:{day}"


def _key(drawn: bytes, told: str) -> str:
    key = hmac.digest(settings.LIMITS_KEY, drawn, hashlib.sha256)
    return "limits:" + hmac.new(key, told.encode(), hashlib.sha256).hexdigest()
