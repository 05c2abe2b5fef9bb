"""``make prove-failover``: kill the primary under load, promote its standby, restart that too."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping

from checkout import checkout_here

from tests.proofs.asking import OverHttp
from tests.proofs.cluster import Cluster, url
from tests.proofs.failover.clusters import Standby, follow_in_step, two_clusters
from tests.proofs.failover.costs import show_costs
from tests.proofs.failover.load import Feature, Load
from tests.proofs.failover.promises import judge
from tests.proofs.table import end
from tests.proofs.web import web

BEFORE_SECONDS, AFTER_SECONDS = 10.0, 15.0
NOTICED_AFTER_SECONDS = 3.0  # until somebody, or a program that watches, decides to promote
PHILADELPHIA = {"lat": 39.9526, "lon": -75.1652}
REPORTED = 300


def main() -> None:
    """Both parts; exit code 1 if a promise does not hold."""
    checkout = checkout_here(os.environ)
    with two_clusters(checkout.root, checkout.data / "failover") as (primary, standby):
        print("Loading the published feeds …", flush=True)
        _manage(_settings(primary.host), "migrate", "--verbosity", "0")
        _manage(_settings(primary.host), "load_fixtures", "--no-progress")
        follow_in_step(primary, standby)
        token = _manage(_settings(primary.host), "create_account", "--role", "outreach")
        settings = _settings(primary.host, standby.host)
        with web(checkout, settings) as server:
            show_costs(server, token, _services(server), primary, standby)
            load = Load(server, token, _services(server))
            kept = _primary_killed(load, primary, standby)
            kept &= _restarted(Load(server, token, load.services), standby)
    end(kept=kept)


def _primary_killed(load: Load, primary: Cluster, standby: Standby) -> bool:
    """The primary is lost; the standby, which the index follows, becomes the primary."""
    with load:
        time.sleep(BEFORE_SECONDS)
        lost_at = time.monotonic()
        primary.kill()
        time.sleep(NOTICED_AFTER_SECONDS)
        # It copied the setting, and would wait for a standby of its own with every commit.
        standby.set("synchronous_standby_names", "")
        standby.promote()
        promoted_at = time.monotonic()
        time.sleep(AFTER_SECONDS)
    table = judge(load, standby, load.server, lost_at)
    table.figure("from the kill until promoted, s", f"{promoted_at - lost_at:.1f}")
    return table.show("Primary killed (SIGKILL, all its processes), standby promoted")


def _restarted(load: Load, primary: Cluster) -> bool:
    """The only server that is left, which the index follows by now, crashes and comes back."""
    with load:
        time.sleep(BEFORE_SECONDS)
        lost_at = time.monotonic()
        primary.crash_and_restart()
        restarted_at = time.monotonic()
        time.sleep(AFTER_SECONDS)
    table = judge(load, primary, load.server, lost_at)
    table.figure("the restart itself, s", f"{restarted_at - lost_at:.1f}")
    return table.show("Primary restarted as after a crash (pg_ctl restart -m immediate)")


def _settings(*hosts: str) -> dict[str, str]:
    """The environment of a process: all but the databases is this checkout's own."""
    return dict(os.environ) | {
        "DATABASE_URL": url(*hosts, session="read-write"),
        "REPLICA_URL": url(*reversed(hosts), session="prefer-standby") if hosts[1:] else "",
    }


def _services(server: OverHttp) -> list[Feature]:
    """Services on the map, near Philadelphia."""
    found: list[Feature] = []
    for offset in range(0, REPORTED, 100):
        wanted = PHILADELPHIA | {"limit": 100, "offset": offset}
        found += server.ask("POST", "/api/v1/nearby/", wanted).told["features"]
    return [one for one in found if one["geometry"]]


def _manage(settings: Mapping[str, str], *words: str) -> str:
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{words[0]}: {done.stderr}")
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


if __name__ == "__main__":
    main()
