"""How a web process sees that it has more to do than others, and what it does then."""

from typing import Any

import pytest

from locator.spreading import COUNTS_S, LOOKS_EVERY_S, Spreading
from services.leaving import leaving


class Clock:
    """Seconds, that pass when told."""

    def __init__(self) -> None:
        self.now = 0.0
        self.used = 0.0  # of a processor

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("locator.spreading.time.monotonic", made)
    monkeypatch.setattr("locator.spreading.time.process_time", lambda: made.used)
    return made


class Process:
    """The first of some, whose requests take no time that is not told."""

    def __init__(self, clock: Clock, processes: int = 2) -> None:
        self.clock, self.told = clock, [0.0] * 2 * processes
        self.spreading = Spreading(self._answer, self.told, 0)
        self._takes = 0.0

    def _answer(self, _environ: Any, start: Any) -> list[bytes]:
        self.clock.now += self._takes
        start("200 OK", [("Content-Type", "text/plain")])
        return [b""]

    def asked(self, takes: float = 0.0) -> bool:
        """Whether the connection ends with this answer."""
        told: list[tuple[str, str]] = []
        self._takes = takes
        self.spreading({}, lambda _status, headers: told.extend(headers))
        assert ("Content-Type", "text/plain") in told
        return ("Connection", "close") in told

    def ends(self, *at_a_time: float, cores: tuple[float, ...] = ()) -> int:
        """How many connections end after a while in which each process was at so many requests.

        And in which each kept so much of a core busy.
        """
        self.clock.now += LOOKS_EVERY_S
        for number, requests in enumerate(at_a_time):
            self.told[2 * number] += requests * LOOKS_EVERY_S
        for number, share in enumerate(cores):
            self.told[2 * number + 1] += share * LOOKS_EVERY_S
        self.clock.used = self.told[1]
        assert not self.asked()
        return sum(self.asked() for _ in range(20))


def test_half_of_what_is_too_much_goes_elsewhere(clock: Clock) -> None:
    assert Process(clock).ends(8, 0) == 4
    assert Process(clock).ends(7, 1) == 3
    assert Process(clock, processes=4).ends(8, 0, 0, 0) == 6


def test_who_has_not_much_more_keeps_what_it_has(clock: Clock) -> None:
    process = Process(clock)
    assert process.ends(4, 4) == 0
    assert process.ends(1, 0) == 0  # the only one: elsewhere it would be the same
    assert process.ends(0, 8) == 0
    assert Process(clock, processes=1).ends(8) == 0


def test_who_keeps_a_core_busy_while_another_is_idle_has_one_too_many(clock: Clock) -> None:
    """Requests that wait for the interpreter's lock are not seen: one after the other."""
    process = Process(clock)
    assert process.ends(1, 0, cores=(0.9, 0.1)) == 1
    assert process.ends(1, 1, cores=(0.9, 0.6)) == 0
    assert process.ends(1, 1, cores=(0.1, 0.9)) == 0


def test_only_what_was_done_since_the_last_look_counts(clock: Clock) -> None:
    process = Process(clock)
    assert process.ends(8, 0) == 4
    assert process.ends(4, 4) == 0


def test_a_request_that_waits_for_news_is_little_work(clock: Clock) -> None:
    process = Process(clock)
    process.asked(takes=30.0)
    assert process.told == [COUNTS_S, 0.0, 0.0, 0.0]


def test_what_fails_counts_as_well(clock: Clock) -> None:
    def fails(*_: Any) -> Any:
        clock.now += 0.5
        raise RuntimeError

    told = [0.0] * 4
    with pytest.raises(RuntimeError):
        Spreading(fails, told, 1)({}, lambda *_: None)
    assert told == [0.0, 0.0, 0.5, 0.0]


def test_a_process_that_ends_soon_says_goodbye(clock: Clock) -> None:
    process = Process(clock)
    assert not process.asked()
    leaving.set()
    try:
        assert process.asked()
    finally:
        leaving.clear()
