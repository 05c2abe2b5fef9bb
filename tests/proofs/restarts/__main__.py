"""``make prove-restarts``: new processes for old ones, and new servers for old ones, under load."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

from checkout import checkout_here

from tests.proofs.asking import OverHttp
from tests.proofs.outages.load import seconds_until, services_near
from tests.proofs.restarts.held import two_servers
from tests.proofs.restarts.load import WAIT_S, Steady
from tests.proofs.sync.__main__ import connect
from tests.proofs.sync.home import Home, home_of
from tests.proofs.table import Table, end

CYCLES, QUICK_CYCLES = 10, 2  # of each way
PATIENCE_S = 240.0  # for one cycle; most of it is a crowded machine's
SETTLE_S = 3.0


def main() -> None:
    """Both ways, or the one that is named; exit code 1 if a request failed."""
    cycles = QUICK_CYCLES if "--quick" in sys.argv else CYCLES
    ways = [word for word in sys.argv[1:] if not word.startswith("-")] or ["reload", "replace"]
    kept = True
    with home_of(checkout_here(os.environ), "restarts") as home:
        connect(home.settings)
        from tests.proofs.outages.world import a_world_with_places, tokens
        from tests.proofs.sync.log import packs_built

        a_world_with_places()
        packs_built()
        token, _ = tokens("not signed in with")
        home.start_programs()
        if "reload" in ways:
            kept &= _reloaded(home, token, cycles)
        if "replace" in ways:
            kept &= _replaced(home, token, cycles)
    end(kept=kept)


def _reloaded(home: Home, token: str, cycles: int) -> bool:
    """SIGHUP: every other time as after an upgrade, when no snapshot fits and all is read anew."""
    print(f"{cycles} times SIGHUP …", flush=True)
    took = []
    with _load(token, home.port) as load:
        time.sleep(SETTLE_S)
        for number in range(cycles):
            if number % 2:
                _forget_snapshots(home)
            before, began = _workers(home), time.monotonic()
            os.kill(home.web.pid, signal.SIGHUP)
            _gone(before, home)
            took.append(time.monotonic() - began)
        time.sleep(SETTLE_S)
    return _judged(load, took, f"{cycles} times SIGHUP: both processes replaced, one by one")


def _replaced(home: Home, token: str, cycles: int) -> bool:
    """SIGTERM and another start of one of two servers that share a socket, in turn."""
    print(f"{cycles} times SIGTERM and another start, of two servers in turn …", flush=True)
    took = []
    home.web.stop()
    with two_servers(home) as servers, _load(token, servers[0].port) as load:
        time.sleep(SETTLE_S)
        for number in range(cycles):
            began = time.monotonic()
            servers[number % 2].stop()
            servers[number % 2].start()
            took.append(time.monotonic() - began)
        time.sleep(SETTLE_S)
    return _judged(load, took, f"{cycles} times SIGTERM and another start, of two servers in turn")


def _load(token: str, port: int) -> Steady:
    server = OverHttp(f"http://127.0.0.1:{port}")
    packs = server.ask("GET", "/api/v1/packs/").told["packs"]
    region, cursor = packs[0]["region"], packs[0]["cursor"]
    changes = f"/api/v1/changes/?region={quote(region)}&cursor={quote(cursor)}&wait={WAIT_S}"
    return Steady(port, token, services_near(server)[0]["id"], changes)


def _judged(load: Steady, took: list[float], title: str) -> bool:
    table = Table()
    failed = [one for one in load.got if one.failed]
    table.promise(f"requests failed, of {len(load.got)}", len(failed), held=not failed)
    for one in failed[:5]:
        table.figure("  one of them", f"{one.what} after {one.seconds:.2f} s")
    lost = [one for one in load.polls if one.failed]
    table.promise(
        f"long polls failed, of {len(load.polls)}", [o.what for o in lost] or 0, held=not lost
    )
    table.figure("connections closed in good order", sum(one.closes for one in load.got))
    times = sorted(one.seconds * 1000 for one in load.got)
    table.figure(
        "request, median / 99th / slowest, ms",
        f"{times[len(times) // 2]:.0f} / {times[len(times) * 99 // 100]:.0f} / {times[-1]:.0f}",
    )
    rate = len(load.got) / (load.got[-1].at - load.got[0].at)
    table.figure("requests a second", f"{rate:.0f}")
    took.sort()
    table.figure("a cycle, median and longest, s", f"{took[len(took) // 2]:.1f}; {took[-1]:.1f}")
    return table.show(title)


def _workers(home: Home) -> set[int]:
    """The web processes, which granian's first process has started."""
    found = subprocess.run(
        ["pgrep", "-P", str(home.web.pid), "-f", "spawn_main"],  # noqa: S607 - a tool of the system
        capture_output=True,
        text=True,
        check=False,
    )
    return {int(pid) for pid in found.stdout.split()}


def _gone(processes: set[int], home: Home) -> None:
    """Wait until they are."""

    def are_gone() -> bool:
        return not processes & _workers(home)

    seconds_until(are_gone, in_a_row=1, patience_s=PATIENCE_S)
    assert are_gone(), "the old processes are still there"


def _forget_snapshots(home: Home) -> None:
    for file in Path(home.settings["INDEX_FOLDER"]).glob("*.index"):
        file.unlink()


if __name__ == "__main__":
    main()
