"""Limits: exact in parallel, and nothing of a caller left behind."""

import base64
import datetime as dt
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import cache

from services.limits import DAY, Limit, LimitReachedError, LimitsAwayError, limited

MINUTE = dt.timedelta(minutes=1)
CALLER = "203.0.113.77/32"


@pytest.fixture(autouse=True)
def _another_key(settings: Any) -> None:
    """Counters of this test alone: they are found again by nobody."""
    settings.LIMITS_KEY = secrets.token_bytes(32)


def take(limit: Limit, caller: str = CALLER) -> bool:
    try:
        with limited() as taken:
            taken(limit, caller)
    except LimitReachedError:
        return False
    return True


def take_both(*limits: Limit) -> None:
    with limited() as taken:
        for limit in limits:
            taken(limit, CALLER)


def take_and_fail(limit: Limit) -> None:
    with limited() as taken:
        taken(limit, CALLER)
        raise ZeroDivisionError


def test_no_more_than_the_limit_get_through_however_many_ask_at_once() -> None:
    limit, together = Limit("test", 20, DAY), threading.Barrier(64)

    def ask(_: int) -> bool:
        together.wait()
        return take(limit)

    with ThreadPoolExecutor(64) as threads:
        allowed = list(threads.map(ask, range(64)))
    assert sum(allowed) == 20
    assert not take(limit)


def test_callers_and_purposes_are_counted_apart() -> None:
    limit = Limit("test", 1, DAY)
    assert take(limit)
    assert not take(limit)
    assert take(limit, "203.0.113.78/32")
    assert take(Limit("another", 1, DAY))


def test_who_is_refused_is_told_when_to_come_back(time_machine: Any) -> None:
    time_machine.move_to("2026-11-24T12:00:20Z", tick=False)
    limit = Limit("test", 1, MINUTE)
    assert take(limit)
    with pytest.raises(LimitReachedError) as refused, limited() as taken:
        taken(limit, CALLER)
    assert refused.value.wait == 40
    time_machine.shift(40)
    assert take(limit)


def test_what_failed_is_not_counted() -> None:
    limit = Limit("test", 1, DAY)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            take_and_fail(limit)
    assert take(limit)
    assert not take(limit)


def test_who_is_refused_uses_nothing_up() -> None:
    limit = Limit("test", 1, DAY)
    assert take(limit)
    for _ in range(5):
        with pytest.raises(LimitReachedError):
            take_both(Limit("first", 100, DAY), limit)
    for _ in range(100):
        assert take(Limit("first", 100, DAY))


def test_a_caller_has_another_name_each_day(time_machine: Any) -> None:
    time_machine.move_to("2026-11-24T12:00:00Z")
    week = Limit("test", 1, 7 * DAY)
    before = keys()
    assert take(week)
    time_machine.shift(86_400)
    assert take(week)
    assert len(keys() - before) == 2


def test_counters_end_with_their_period(time_machine: Any) -> None:
    time_machine.move_to("2026-11-24T12:00:00Z", tick=False)
    before = keys()
    take(Limit("test", 1, MINUTE))
    (key,) = keys() - before
    assert 0 < raw_redis().ttl(key) <= 120


def test_nothing_in_redis_tells_who_called() -> None:
    take(Limit("test", 20, DAY))
    plain = b"203.0.113.77"
    packed = bytes(map(int, plain.split(b".")))
    for word in (plain, packed, packed[::-1]):
        for form in (word, word.hex().encode(), base64.b64encode(word).rstrip(b"=")[:-1]):
            for key in keys():
                assert form not in key
                assert form not in (raw_redis().get(key) or b"")


def test_without_redis_nothing_is_allowed(settings: Any) -> None:
    nowhere = settings.CACHES["default"] | {"LOCATION": "unix:///nowhere/redis.sock"}
    settings.CACHES = {"default": nowhere}
    with pytest.raises(LimitsAwayError), limited() as taken:
        taken(Limit("test", 20, DAY), CALLER)


def raw_redis() -> Any:
    return cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]  # of Django's


def keys() -> set[bytes]:
    return set(raw_redis().keys("*limits:*"))
