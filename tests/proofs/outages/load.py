"""People who search by position and by place, report, sign in, and say how a visit ended."""

import datetime as dt
import ipaddress
import itertools
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.proofs.asking import OverHttp
from tests.proofs.failover.load import NO_ANSWER, STORED, Feature, Load, Told

PLACES = ["19125", "Philadelphia, PA"]
BY_PLACE = 5  # every so many searches one is for a place
# No caller comes again: each may say once how a visit to a service ended.
CALLERS = ipaddress.ip_network("10.0.0.0/8").hosts()
SIGN_IN_PAUSE_S, OUTCOME_PAUSE_S = 1.0, 1.0


@dataclass(frozen=True)
class Found:
    """An answer to a search: what of it tells how fresh it is.

    Attributes:
        told: when and after how long it came.
        at: the moment of the server's clock, as the answer has it.
        as_of: None unless it is stale.
        known: how many of the services have a known availability.
    """

    told: Told
    at: dt.datetime | None = None
    stale: bool = False
    as_of: dt.datetime | None = None
    known: int = 0


@dataclass
class MixedLoad(Load):
    """Searches, reports, sign-ins and outcomes at once."""

    account: dict[str, str] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)
    sign_ins: list[Told] = field(default_factory=list)
    outcomes: list[Told] = field(default_factory=list)

    def acts(self) -> list[Callable[[], None]]:
        """People who sign in and who say how a visit ended, beside the others."""
        return [*super().acts(), self._sign_in_often, self._tell_often]

    def _search(self, number: int) -> None:
        body: dict[str, Any] = self._somewhere(number)
        if number % BY_PLACE == 0:
            body = {"place": random.choice(PLACES)}
        began = time.monotonic()
        try:
            answer = self.server.ask("POST", "/api/v1/nearby/", body)
        except OSError:
            told = Told(began, NO_ANSWER, time.monotonic() - began)
            self.searches.append(told)
            return
        told = Told(began, answer.status, time.monotonic() - began)
        self.searches.append(told)
        if answer.status == 200:
            self.found.append(_found(told, answer.told))

    def _sign_in_often(self) -> None:
        while not self.stop.wait(SIGN_IN_PAUSE_S):
            self.sign_ins.append(self._ask("/api/v1/tokens/", self.account, ""))

    def _tell_often(self) -> None:
        """Each time as another caller: the proof's server believes what it is told of them."""
        for one in itertools.cycle(self.services):
            if self.stop.wait(OUTCOME_PAUSE_S):
                return
            body = {"id": str(uuid.uuid4()), "outcome": "served"}
            caller = {"X-Forwarded-For": str(next(CALLERS))}
            path = f"/api/v1/services/{one['id']}/outcomes/"
            self.outcomes.append(self._ask(path, body, "", caller))

    def is_fresh(self) -> bool:
        """Whether a web process, whichever answers, says that it is not behind."""
        answer = self.server.ask("POST", "/api/v1/nearby/", {"lat": 40.0, "lon": -75.0})
        return answer.status == 200 and not answer.told["search"]["stale"]

    def can_write(self) -> bool:
        """Whether a report is stored."""
        body = {"id": str(uuid.uuid4()), "state": "available", "remaining": 1}
        told = self._ask(f"/api/v1/services/{self.services[0]['id']}/reports/", body, self.token)
        return told.status in STORED


def _found(told: Told, answer: Any) -> Found:
    search, features = answer["search"], answer["features"]
    states = [one["properties"]["availability"]["state"] for one in features]
    return Found(
        told,
        at=dt.datetime.fromisoformat(search["at"]),
        stale=search["stale"],
        as_of=search["as_of"] and dt.datetime.fromisoformat(search["as_of"]),
        known=sum(state != "unknown" for state in states),
    )


def seconds_until(is_so: Callable[[], bool], *, in_a_row: int, patience_s: float) -> float:
    """How long it takes until something holds several times in a row; asked often."""
    began, row, first = time.monotonic(), 0, 0.0
    while row < in_a_row and time.monotonic() - began < patience_s:
        waited = time.monotonic() - began
        row, first = (row + 1, first or waited) if is_so() else (0, 0.0)
        time.sleep(0.05)
    return first if row == in_a_row else patience_s


def services_near(server: OverHttp) -> list[Feature]:
    """Services on the map."""
    wanted = {"lat": 39.95, "lon": -75.16, "limit": 100}
    found = server.ask("POST", "/api/v1/nearby/", wanted).told["features"]
    return [one for one in found if one["geometry"]]
