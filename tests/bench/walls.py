"""What row-level security costs a write: reports and edits, with the walls and without, in turn.

``python -m tests.bench.walls``: in a database of its own, which is deleted at the end.
"""

import statistics
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

from tests.proofs.own_database import own_database

ROUNDS, WRITES, WARM = 6, 15, 3


def main() -> None:
    """Print milliseconds for each, and by how much the walls are slower."""
    with own_database("locator_walls"):
        measure()


def measure() -> None:
    """Rounds of either by turns, so that whatever else the machine does slows both."""
    taken: dict[tuple[str, bool], list[float]] = {}
    for number in range(ROUNDS):
        for walled in (True, False) if number % 2 else (False, True):
            stand(walled=False)
            acts = {"report, ms": reporting(), "edit, ms": editing()}
            stand(walled=walled)
            for name, act in acts.items():
                taken.setdefault((name, walled), []).extend(timed(act))
    stand(walled=False)
    for name in ("report, ms", "edit, ms"):
        without, within = (statistics.median(taken[name, walled]) for walled in (False, True))
        print(f"{name:<12} without {without:6.2f}  with {within:6.2f}  {within / without - 1:+.1%}")
    sys.stdout.flush()


def stand(*, walled: bool) -> None:
    """Connect as a web process does, or as the owner for whom there are no walls."""
    from django.db import connections

    from services import acting, walls

    connection = connections["default"]
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's
    connection.settings_dict["OPTIONS"]["options"] = walls.WALLED if walled else ""
    acting.NOBODY = acting.Acting("") if walled else acting.SYSTEM
    walls.NOBODY = acting.Acting("")  # type: ignore[attr-defined]


def timed(act: Callable[[], Any]) -> list[float]:
    """Milliseconds of each write."""
    found = []
    for number in range(WARM + WRITES):
        began = time.perf_counter()
        answer = act()
        if number >= WARM:
            found.append((time.perf_counter() - began) * 1000)
        if answer.status_code not in {200, 201}:
            sys.exit(f"Not written: {answer.status_code} {answer.content!r}")
    return found


def a_phone() -> tuple[Any, Any]:
    """A clinic's phone, and a service of it."""
    from django.test import Client

    from services.vocabulary import Kind, Role
    from tests.builders import a_service, a_site, a_token, an_account

    service = a_service(a_site(), Kind.DETOX)
    account = an_account(Role.CLINIC_ADMIN, service.site.organization)
    return Client(headers={"Authorization": f"Bearer {a_token(account)}"}), service


def reporting() -> Callable[[], Any]:
    """Reports of one service, whose older ones expire as they do."""
    phone, service = a_phone()

    def act() -> Any:
        body = {"id": str(uuid.uuid4()), "state": "available", "remaining": 3}
        path = f"/api/v1/services/{service.pk}/reports/"
        return phone.post(path, body, content_type="application/json")

    return act


def editing() -> Callable[[], Any]:
    """Edits of one site's name."""
    phone, service = a_phone()

    def act() -> Any:
        body = {"name": f"Clinic {uuid.uuid4().hex[:8]}"}
        path = f"/api/v1/sites/{service.site_id}/"
        return phone.patch(path, body, content_type="application/json", headers={"If-Match": "*"})

    return act


if __name__ == "__main__":
    main()
