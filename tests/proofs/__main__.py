"""``make prove``: the long proofs, against what ``make run`` serves."""

import os
import subprocess
import sys
import urllib.error
import uuid
from typing import Any

from tests.proofs.asking import OverHttp
from tests.proofs.clinic_day import Day, People
from tests.proofs.outreach_day import OutreachDay

PHILADELPHIA = {"lat": 39.9526, "lon": -75.1652}
ROLES = ("clinic_staff", "clinic_admin", "outreach", "moderator")


def main() -> None:
    """A clinic's day and an outreach worker's, on published data."""
    server = OverHttp(f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
    try:
        server.ask("GET", "/healthz")
    except urllib.error.URLError:
        sys.exit("Nothing answers there. Start it in another terminal: make run (or set PORT).")
    clinic = _a_clinic(server)
    people, names = _people(clinic["properties"]["organization_id"])
    try:
        Day(server, people, clinic, PHILADELPHIA).run()
        OutreachDay(server, people.outreach, people.staff, clinic["id"], PHILADELPHIA).run()
    finally:
        for name in names:  # what the proof said is taken back
            _manage("undo_account", name, "--since", "2000-01-01T00:00:00Z")
    print("Proved.")


def _a_clinic(server: OverHttp) -> dict[str, Any]:
    """A detox service of an organization, not the first in rank: so that it can rise."""
    wanted = PHILADELPHIA | {"kinds": ["detox"], "limit": 20}
    features = server.ask("POST", "/api/v1/nearby/", wanted).told["features"]
    return next(one for one in features[3:] if one["properties"]["availability"]["as_of"] is None)


def _people(organization: str) -> tuple[People, list[str]]:
    run = uuid.uuid4().hex[:8]
    tokens, names = {}, []
    for role in (*ROLES, "vandal"):
        name = f"proof-{role}-{run}"
        words = ["create_account", "--username", name]
        words += ["--role", "clinic_staff" if role == "vandal" else role]
        if role in ("clinic_staff", "clinic_admin", "vandal"):
            words += ["--organization", organization]
        tokens[role] = _manage(*words)
        names.append(name)
    people = People(
        staff=tokens["clinic_staff"],
        admin=tokens["clinic_admin"],
        vandal=tokens["vandal"],
        vandal_name=f"proof-vandal-{run}",
        outreach=tokens["outreach"],
        moderator=tokens["moderator"],
        link_for=lambda site: _manage("report_link", site),
    )
    return people, names


def _manage(*words: str) -> str:
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words[:1])}: {done.stderr}")
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


if __name__ == "__main__":
    main()
