"""The rounds of the census: ordinary days, broken requests, broken code, and outages."""

import contextlib
import itertools
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.proofs.privacy.asking import Answer, Door, Request
from tests.proofs.privacy.canaries import Canary
from tests.proofs.privacy.faults import FAULTS, request_for
from tests.proofs.privacy.malformed import MALFORMED
from tests.proofs.privacy.searches import EVERY_WAY, IN_A_URL, READINESS, SEARCHES, Listed, Way
from tests.proofs.privacy.sinks import Piece, descendants

ANSWERS = "answers"


@dataclass
class Record:
    """What came back, and which paths named a place."""

    pieces: list[Piece] = field(default_factory=list)
    paths: list[tuple[int, str]] = field(default_factory=list)
    statuses: list[tuple[str, int]] = field(default_factory=list)

    def keep(self, round_: str, one: Canary, answer: Answer) -> None:
        """Remember an answer."""
        self.pieces.append(Piece(ANSWERS, f"{round_} {one.number}", answer.content))
        self.statuses.append((round_, answer.status))

    def ask(self, round_: str, one: Canary, request: Request, door: Door) -> None:
        """Ask, and remember the answer, and a path that names a place."""
        if request.told:
            self.paths.append((one.number, request.told))
        self.keep(round_, one, door.ask(request, one))

    def by_status(self, round_: str) -> dict[int, int]:
        """How many answers of a round had which status; 0 stands for none."""
        return dict(sorted(Counter(one for name, one in self.statuses if name == round_).items()))


def search(
    searchers: Sequence[Canary], doors: Sequence[Door], listed: Listed, record: Record
) -> None:
    """Every way, by every door, again and again."""
    ways = itertools.cycle(EVERY_WAY)
    for turn, (one, way) in enumerate(zip(searchers, ways, strict=False)):
        request = way(one, listed)
        door = doors[turn // len(EVERY_WAY) % len(doors)]
        record.ask(_round_of(way, request), one, request, door)


def _round_of(way: Way, request: Request) -> str:
    if way in IN_A_URL:
        return "in a URL"
    return "readiness" if request.path == READINESS else "searches"


def search_slowly(
    searchers: Sequence[Canary], doors: Sequence[Door], listed: Listed, record: Record
) -> None:
    """Every way, while each query waits until it is given up."""
    for turn, (one, way) in enumerate(zip(searchers, EVERY_WAY, strict=False)):
        record.ask("slow queries", one, way(one, listed), doors[turn % len(doors)])


def over_plain_http(
    searchers: Sequence[Canary], door: Door, listed: Listed, record: Record
) -> None:
    """Positions in URLs, asked for without TLS."""
    for one, way in zip(searchers, itertools.cycle(IN_A_URL), strict=False):
        record.keep("in a URL", one, door.ask(way(one, listed), one))


def send_malformed(searchers: Sequence[Canary], doors: Sequence[Door], record: Record) -> None:
    """Every kind of brokenness, by every door."""
    turns = itertools.cycle(itertools.product(MALFORMED, doors))
    for one, (raw, door) in zip(searchers, turns, strict=False):
        record.keep("malformed", one, door.send(raw(one), one))


def break_code(searchers: Sequence[Canary], doors: Sequence[Door], record: Record) -> None:
    """Requests during which the application raises."""
    turns = itertools.cycle(itertools.product(FAULTS, doors))
    for one, (fault, door) in zip(searchers, turns, strict=False):
        record.keep("raising", one, door.ask(request_for(fault, one), one))


def search_meanwhile(
    searchers: Iterator[Canary], count: int, doors: Sequence[Door], listed: Listed, record: Record
) -> None:
    """Some searches while something is away."""
    for turn, one in enumerate(itertools.islice(searchers, count)):
        request = SEARCHES[turn % 4](one, listed)
        if turn % 5 == 4:  # these need what is away
            path = f"/api/v1/services/{listed.service}/outcomes/"
            request = Request("POST", path, {"outcome": "served", **one.position})
        record.keep("outages", one, doors[turn % len(doors)].ask(request, one))


@contextmanager
def hung(pids: Sequence[int]) -> Iterator[None]:
    """Processes that neither answer nor end, for a while."""
    everybody = descendants(pids)
    try:
        for pid in everybody:
            signalled(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in everybody:
            signalled(pid, signal.SIGCONT)


def signalled(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process, unless it has ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def until(holds: Callable[[], bool], patience_s: float) -> bool:
    """Wait until something holds; whether it did."""
    late = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > late:
            return False
        time.sleep(0.05)
    return True
