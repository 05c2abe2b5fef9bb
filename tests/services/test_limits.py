"""Limits: exact in parallel, and nothing of a caller left behind."""

import base64
import datetime as dt
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.core.cache import cache
from redis.exceptions import RedisError

from services import limits
from services.breaker import Breaker, LeftAloneError
from services.counters import breakers
from services.limits import DAY, Limit, LimitReachedError, LimitsAwayError, limited
from tests.services.mute import Mute, without_redis

MINUTE = dt.timedelta(minutes=1)
CALLER = "203.0.113.77/32"

pytestmark = pytest.mark.usefixtures("_counted_anew")


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


def take_and_fail(limit: Limit, *, then: Callable[[], object] = int) -> None:
    with limited() as taken:
        taken(limit, CALLER)
        then()
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


def test_as_many_get_through_as_are_allowed_while_others_are_refused_and_give_back() -> None:
    """Whoever is refused or fails leaves room at once: of each round exactly twenty get through."""
    limit, together = Limit("test", 20, DAY), threading.Barrier(64)

    def ask_and_fail(_: int) -> bool:
        together.wait()
        try:
            with suppress(ZeroDivisionError):
                take_and_fail(limit, then=together.wait)  # nobody gives back before all have asked
        except LimitReachedError:
            together.wait()
            return False
        return True

    with ThreadPoolExecutor(64) as threads:
        for _ in range(5):
            assert sum(threads.map(ask_and_fail, range(64))) == 20


def test_processes_that_start_later_count_on_together() -> None:
    limit = Limit("test", 2, DAY)
    assert take(limit)
    limits.days.clear()  # what a process knows that has just started
    assert take(limit)
    assert not take(limit)


def test_a_redis_that_forgot_the_day_is_noticed() -> None:
    limit = Limit("test", 1, DAY)
    assert take(limit)
    assert raw_redis().delete(cache.make_key(f"limits-of-day:{today().decode()}")) == 1
    assert take(limit)  # nobody can tell any more who that was
    assert not take(limit)
    limits.days.clear()
    assert not take(limit)


def test_the_days_half_of_the_key_is_random_and_ends_with_the_day(time_machine: Any) -> None:
    time_machine.move_to("2026-11-24T18:00:00Z", tick=False)
    limits.days.clear()
    raw_redis().delete(cache.make_key(f"limits-of-day:{today().decode()}"))
    assert take(Limit("test", 1, DAY))
    (first,) = limits.days.values()
    key = cache.make_key(f"limits-of-day:{today().decode()}")
    assert 6 * 3600 - 60 < raw_redis().ttl(key) <= 6 * 3600 + 60
    time_machine.shift(6 * 3600)
    assert take(Limit("test", 1, DAY))
    (second,) = limits.days.values()
    assert len(first) == len(second) == 32
    assert first != second


def test_a_redis_that_hangs_is_asked_once_and_then_left_alone(settings: Any) -> None:
    with Mute() as mute:
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": mute.url}}
        for _ in range(50):
            with pytest.raises(LimitsAwayError), limited() as taken:
                taken(Limit("test", 20, DAY), CALLER)
        assert mute.asked == 1
        breakers[mute.url].left_alone_until = 1e-9  # the pause is over
        for _ in range(50):
            with pytest.raises(LimitsAwayError), limited() as taken:
                taken(Limit("test", 20, DAY), CALLER)
        assert mute.asked == 2


def test_one_alone_tries_whether_it_is_back() -> None:
    breaker, together = Breaker(60, (RedisError,)), threading.Barrier(16)
    breaker.left_alone_until = 1e-9  # it failed once; the pause is over

    def ask(_: int) -> bool:
        together.wait()
        try:
            with breaker.asking():
                together.wait()
        except LeftAloneError:
            together.wait()
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(ask, range(16))) == 1
        assert sum(threads.map(ask, range(16))) == 16  # it is back


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
    without_redis(settings)
    with pytest.raises(LimitsAwayError), limited() as taken:
        taken(Limit("test", 20, DAY), CALLER)


def today() -> bytes:
    return str(int(time.time()) // 86_400).encode()


def raw_redis() -> Any:
    return cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]  # of Django's


def keys() -> set[bytes]:
    return set(raw_redis().keys("*limits:*"))
