"""``make prove-outages``: each server killed and stopped for a minute, and starts without any."""

import datetime as dt
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from checkout import checkout_here

from tests.proofs.outages.judging import Times, judge
from tests.proofs.outages.load import MixedLoad, seconds_until, services_near
from tests.proofs.outages.servers import Outage, outages_of
from tests.proofs.outages.starts import prove_starts
from tests.proofs.sync.__main__ import connect
from tests.proofs.sync.home import Home, home_of
from tests.proofs.table import end
from tests.proofs.web import Web

IN_A_ROW = 8  # answers of two processes: each has answered
HEALED_S = 60.0  # then it is given up
PASSWORD = "a long one for a proof"


@dataclass(frozen=True)
class Lengths:
    """Seconds.

    Attributes:
        words: how old what is told may be until availability is told as unknown; half an hour,
            outside of this proof.
    """

    before: float
    away: float
    after: float
    words: float


LONG, QUICK = Lengths(15, 60, 10, 30), Lengths(10, 8, 5, 5)


def main() -> None:
    """All outages, or those whose names hold a word given; exit code 1 if a promise is not kept."""
    lengths = QUICK if "--quick" in sys.argv else LONG
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    kept = True
    with home_of(checkout_here(os.environ), "outages") as home:
        home.settings["WORDS_TOLD_MINUTES"] = str(lengths.words / 60)
        home.settings["TRUSTED_PROXIES"] = "127.0.0.1/32"
        connect(home.settings)
        from tests.proofs.outages.world import a_world_with_places, tokens

        a_world_with_places()
        token, account = tokens(PASSWORD)
        home.start_programs()
        server = Web(home.port, home.web.pid)
        services = services_near(server)
        for outage in outages_of(home):
            if not words or any(word in outage.name for word in words):
                load = MixedLoad(server, token, services, account=account)
                kept &= _endured(outage, load, home, lengths)
        if not words or "starts" in words:
            kept &= prove_starts(home, lengths.words)
    end(kept=kept)


def _endured(outage: Outage, load: MixedLoad, home: Home, lengths: Lengths) -> bool:
    print(f"{outage.name} …", flush=True)
    with load:
        time.sleep(lengths.before)
        began, began_at = time.monotonic(), dt.datetime.now(dt.UTC)
        outage.begin()
        time.sleep(lengths.away)
        ended = time.monotonic()
        outage.end()
        is_back = time.monotonic()
        fresh, writes = _healed(load)
        time.sleep(lengths.after)
    times = Times(began, ended, is_back, fresh, writes, began_at)
    of_database = outage.of_database
    table = judge(load, times, home.cluster, of_database=of_database, words_s=lengths.words)
    table.figure("the server's own start, s", f"{is_back - ended:.1f}")
    return table.show(f"{outage.name} for {lengths.away:.0f} s")


def _healed(load: MixedLoad) -> tuple[float, float]:
    """Seconds from now until nothing is stale, and until writes work; asked side by side."""
    with ThreadPoolExecutor() as people:
        both = [
            people.submit(seconds_until, is_so, in_a_row=IN_A_ROW, patience_s=HEALED_S)
            for is_so in (load.is_fresh, load.can_write)
        ]
    fresh, writes = (one.result() for one in both)
    return fresh, writes


if __name__ == "__main__":
    main()
