"""What goes on while backups are made: searches, and a phone that follows the changes."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.proofs.asking import OverHttp
from tests.proofs.cluster import Cluster, url

REGION = "US-PA"
FOUND = 100


class Phone:
    """One that has a pack and reads on from there."""

    def __init__(self, server: OverHttp) -> None:
        self.region, self.cursor = _pack(server)
        self._server = server

    def read(self) -> int:
        """Read all that changed since; the last status."""
        status, more = 200, True
        while more:
            status, told = self.ask(self._server)
            more = status == 200 and told["more"]
            self.cursor = told.get("cursor", self.cursor)
        return status

    def ask(self, server: OverHttp) -> tuple[int, Any]:
        """One page of changes."""
        answer = server.ask("GET", f"/api/v1/changes/?region={self.region}&cursor={self.cursor}")
        return answer.status, answer.told

    def takes_a_pack(self, server: OverHttp) -> int:
        """The status of the changes after a pack that it takes now."""
        self.region, self.cursor = _pack(server)
        return self.ask(server)[0]


def _pack(server: OverHttp) -> tuple[str, str]:
    packs = server.ask("GET", "/api/v1/packs/").told["packs"]
    one = next(one for one in packs if REGION in one["region"])
    return one["region"], one["cursor"]


def settings_for(cluster: Cluster, home: Path) -> dict[str, str]:
    """The environment of a process; all but the database is this checkout's own."""
    return dict(os.environ) | {
        "DATABASE_URL": url(cluster.host, session="read-write"),
        "REPLICA_URL": "",
        "INDEX_FOLDER": str(home / "index"),
    }


def services_of(server: OverHttp) -> list[dict[str, Any]]:
    """Services on the map, near Philadelphia."""
    wanted = {"lat": 39.95, "lon": -75.16, "limit": FOUND}
    found = server.ask("POST", "/api/v1/nearby/", wanted).told["features"]
    return [one for one in found if one["geometry"]]


def manage(settings: Mapping[str, str], *words: str) -> str:
    """Run a command of manage.py; the last line it says."""
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{words[0]}: {done.stderr}")
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
