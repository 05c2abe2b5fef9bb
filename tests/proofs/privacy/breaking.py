"""What goes wrong while people search: servers that hang and die, crashes, code that raises."""

import signal
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from services.tasks import build_packs
from tests.proofs.privacy import rounds
from tests.proofs.privacy.asking import Door
from tests.proofs.privacy.canaries import Canary
from tests.proofs.privacy.searches import Listed
from tests.proofs.privacy.sinks import descendants
from tests.proofs.sync.home import until_it_starts

if TYPE_CHECKING:
    from tests.proofs.privacy.long import Census

FAULTY = "tests.proofs.privacy.faulty:application"
EACH = 12  # searchers during one outage


def outages(
    run: "Census", searchers: Iterator[Canary], doors: Sequence[Door], listed: Listed
) -> None:
    """Redis and PostgreSQL hang, and die; a worker dies amid a task; a web process crashes."""
    home = run.home

    def ask() -> None:
        rounds.search_meanwhile(searchers, EACH, doors, listed, run.record)

    print("Outages …", flush=True)
    with rounds.hung([run.memory.pid]):
        ask()
    with rounds.hung([home.cluster.pid]):
        ask()
    home.kill_redis()
    ask()
    until_it_starts(home.redis.start)
    run.memory.watch()
    home.cluster.kill()
    ask()
    until_it_starts(home.cluster.start)
    build_packs.delay()
    home.started["worker"].kill()
    for pid in descendants([home.started["web"].pid])[1:]:
        rounds.signalled(pid, signal.SIGSEGV)
    ask()
    time.sleep(0.5)
    home.started["worker"].start()
    home.restart_web()


def faults(run: "Census", searchers: Sequence[Canary], doors: Sequence[Door]) -> None:
    """Code that raises, with settings and logs as in production; then as before."""
    print("Code that raises …", flush=True)
    run.home.restart_web(FAULTY, LOG_FORM="json")
    half = len(searchers) // 2
    rounds.break_code(searchers[:half], doors, run.record)
    run.home.restart_web(FAULTY)
    rounds.break_code(searchers[half:], doors, run.record)
