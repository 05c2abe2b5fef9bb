"""How a web process sees that it has more to do than others, and what it does then."""

from collections.abc import Iterator
from multiprocessing import Pipe
from typing import Any

import pytest

from locator.server import Announced
from locator.spreading import LATELY_S, LOOKS_EVERY_S, Board, Load, Spreading
from services.leaving import leaving

IDLE = Load(0.0, 0.0)


class Clock:
    """Seconds, that pass when told."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.used = 0.0  # of a processor


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("locator.spreading.time.monotonic", lambda: made.now)
    monkeypatch.setattr("locator.spreading.time.process_time", lambda: made.used)
    return made


@pytest.fixture(autouse=True)
def stays() -> Iterator[None]:
    yield
    leaving.clear()


class Application:
    """Its requests take as long as they are told to; those for ``/search`` are searches."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.takes, self.ready, self.fails = clock, 0.0, True, False

    def is_ready(self) -> bool:
        return self.ready

    def is_search(self, environ: dict[str, Any]) -> bool:
        return bool(environ["path"] == "/search")

    def __call__(self, _environ: Any, start: Any) -> list[bytes]:
        self.clock.now += self.takes
        start("200 OK", [("Content-Type", "text/plain")])
        if self.fails:
            raise RuntimeError
        return [b""]


class Process:
    """The first of some."""

    def __init__(self, clock: Clock, processes: int = 2) -> None:
        self.clock, self.board = clock, Board(processes)
        self.application = Application(clock)
        self.spreading = Spreading(self.application, self.board, 0)

    def asked(self, path: str = "/search", takes: float = 0.0) -> bool:
        """Whether the connection ends with this answer."""
        told: list[tuple[str, str]] = []
        self.application.takes = takes
        self.spreading({"path": path}, lambda _status, headers: told.extend(headers))
        assert ("Content-Type", "text/plain") in told
        return ("Connection", "close") in told

    def at_once(self, requests: int, path: str, takes: float) -> None:
        """So many requests beside each other, each for so long."""
        began = self.clock.now
        for _ in range(requests):
            self.clock.now = began
            self.asked(path, takes)
        self.clock.now = began + takes

    def ends(self, searches: float, *others: Load | None, cores: float = 0.0) -> int:
        """How many connections end after a while with so much to do here, and at the others.

        One that is None told nothing in all that while.
        """
        self.at_once(int(searches), "/search", LOOKS_EVERY_S)
        self.clock.used += cores * LOOKS_EVERY_S
        for number, load in enumerate(others, 1):
            if load:
                self.board.tell(number, load)
        self.spreading.look()
        return sum(self.asked() for _ in range(20))


def test_what_is_more_than_the_mean_goes_elsewhere(clock: Clock) -> None:
    assert Process(clock).ends(8, IDLE) == 4
    assert Process(clock).ends(7, Load(1, 0)) == 3
    assert Process(clock, processes=4).ends(8, IDLE, IDLE, IDLE) == 6


def test_who_has_not_much_more_keeps_what_it_has(clock: Clock) -> None:
    process = Process(clock)
    assert process.ends(4, Load(4, 0)) == 0
    assert process.ends(1, IDLE) == 0  # the only one: elsewhere it would be the same
    assert process.ends(0, Load(8, 0)) == 0
    assert Process(clock, processes=1).ends(8, cores=1.0) == 0


def test_who_keeps_a_core_busy_while_another_is_idle_has_one_too_many(clock: Clock) -> None:
    """Searches that wait for the interpreter's lock are not seen: one after the other."""
    process = Process(clock)
    assert process.ends(1, Load(0, 0.1), cores=0.9) == 1
    assert process.ends(1, Load(1, 0.6), cores=0.9) == 0
    assert process.ends(1, Load(1, 0.9), cores=0.1) == 0


def test_only_what_was_done_since_the_last_look_counts(clock: Clock) -> None:
    process = Process(clock)
    assert process.ends(8, IDLE) == 4
    assert process.ends(4, Load(4, 0)) == 0


def test_a_look_forgets_what_the_last_one_found(clock: Clock) -> None:
    process = Process(clock)
    process.at_once(8, "/search", LOOKS_EVERY_S)
    process.board.tell(1, IDLE)
    process.spreading.look()
    assert process.asked()  # of four that are too many the first
    clock.now += LOOKS_EVERY_S
    process.board.tell(1, IDLE)
    process.spreading.look()
    assert not process.asked()


@pytest.mark.parametrize("others", [(None,), (None, None, None)])
def test_nothing_goes_to_processes_that_cannot_search(clock: Clock, others: Any) -> None:
    """They start, they are dead, or leave: told never."""
    assert Process(clock, processes=1 + len(others)).ends(8, *others, cores=1.0) == 0


def test_who_told_nothing_lately_does_not_count(clock: Clock) -> None:
    """It is dead, or held up. Of the two others each should have half."""
    process = Process(clock, processes=3)
    assert process.ends(8, IDLE, IDLE) == 5
    for _ in range(int(LATELY_S / LOOKS_EVERY_S)):
        process.ends(0, IDLE, None)
    assert process.ends(8, IDLE, None) == 4


def test_only_searches_count(clock: Clock) -> None:
    """Twenty that waited for news end together; waiting for the database is no work either."""
    process = Process(clock)
    process.at_once(20, "/changes", 30.0)
    process.board.tell(1, IDLE)
    process.spreading.look()
    assert process.board.lately()[0].searches == 0
    assert not process.asked()


def test_what_fails_counts_as_well(clock: Clock) -> None:
    process = Process(clock)
    process.application.fails = True
    with pytest.raises(RuntimeError):
        process.asked(takes=LOOKS_EVERY_S)
    process.spreading.look()
    assert process.board.lately()[0].searches == 1


def test_a_process_that_cannot_search_tells_nothing_and_keeps_no_connection(clock: Clock) -> None:
    process = Process(clock)
    process.application.ready = False
    process.spreading.look()
    assert process.board.lately() == {}
    assert process.asked()
    assert process.asked("/changes")
    process.application.ready = True
    assert not process.asked()


def test_a_process_that_ends_soon_says_goodbye_and_tells_nothing_more(clock: Clock) -> None:
    process = Process(clock)
    assert not process.asked()
    leaving.set()
    assert process.asked()
    process.spreading.start().join(10)
    assert process.board.lately() == {}


def test_who_was_stopped_between_telling_and_looking_goes_on(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = Process(clock)
    monkeypatch.setattr(Board, "lately", lambda _: {})
    assert process.ends(8) == 0


def test_who_starts_waits_as_long_as_another_can_search(clock: Clock) -> None:
    board = Board(2)
    starting = Announced(lambda: None, Pipe()[1], longest_s=0.0, board=board, number=0)
    assert not starting.is_spared(clock.now)
    board.tell(1, IDLE)
    assert starting.is_spared(clock.now)
    clock.now += LATELY_S
    assert not starting.is_spared(clock.now)
    assert starting.is_spared(clock.now + 1)
