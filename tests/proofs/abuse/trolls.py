"""Fifty people without accounts who want a service to look worse, or better, than it is.

Each calls from a network of their own and claims others in every header there is. What they come to
is measured beside a twin that nobody touches: the same kind, place, hours and reports.
"""

import itertools
import uuid
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.test import Client

from services.availability import Observation, report_availability
from services.index import live_index
from services.models import AvailabilityReport, Service
from services.search import Search, find_nearby
from services.vocabulary import KIND_FACTS, Availability, Kind, Outcome, Reporter
from tests.builders import PHILADELPHIA, a_service, a_site
from tests.proofs.abuse.clock import Clock

SEARCHED_FROM = (PHILADELPHIA[0] + 0.5, PHILADELPHIA[1])  # 55 km: minutes that a decimal can tell
HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Client-IP", "True-Client-IP",
           "CF-Connecting-IP", "X-Cluster-Client-IP", "X-Forwarded-Host")  # fmt: skip
SHOWN = ("state", "remaining", "wait_days", "note", "as_of", "expires_at", "reported_by")
NO_STATE = {"disputed"}  # a mark beside the state, which says that people were turned away
numbers = itertools.count(1)


@dataclass
class Seen:
    """What a crowd came to.

    Attributes:
        ratios: expected minutes of the attacked service, in those of its twin, at each look.
        refused: tries that were beyond the limit.
        stored: the most outcomes that one caller had stored at one go.
        looks: how often somebody looked.
        changed: looks at which what is shown was something else.
    """

    ratios: list[float] = field(default_factory=list)
    refused: int = 0
    stored: int = 0
    looks: int = 0
    changed: int = 0


class Crowd:
    """People, a service they attack, and its twin."""

    def __init__(self, clock: Clock, kind: Kind, people: int) -> None:
        self.clock, self.kind = clock, kind
        self.half_life = KIND_FACTS[kind].half_life
        self.service, self.twin = (a_service(a_site(), kind) for _ in range(2))
        self.people = [_network(number) for number in range(people)]
        self.seen = Seen()

    def clinic_reports(self, state: Availability = Availability.AVAILABLE) -> None:
        """The clinic says the same of both."""
        for service in (self.service, self.twin):
            report_availability(
                service_id=service.pk,
                observation=Observation(id=uuid.uuid4(), state=state),
                reporter=Reporter.CLINIC_STAFF,
                channel=AvailabilityReport.Channel.COMMAND,
            )

    def attack(self, outcome: Outcome, tries: int = 1) -> None:
        """Everybody tells an outcome, so many times; then somebody looks."""
        before = _shown(self.service)
        for person in self.people:
            accepted = sum(self._tell(person, outcome) for _ in range(tries))
            self.seen.stored = max(self.seen.stored, accepted)
            self.seen.refused += tries - accepted
        self.seen.looks += 1
        self.seen.changed += _shown(self.service) != before
        self.seen.ratios.append(self.ratio())

    def _tell(self, person: str, outcome: Outcome) -> bool:
        spoofed = {name: f"203.0.113.{next(numbers) % 250}" for name in HEADERS}
        path = f"/api/v1/services/{self.service.pk}/outcomes/"
        body = {"id": str(uuid.uuid4()), "outcome": outcome}
        phone = Client(REMOTE_ADDR=person, headers=spoofed)
        answer = phone.post(path, body, content_type="application/json")
        assert answer.status_code in {201, 429}, answer.content
        return answer.status_code == 201

    def ratio(self) -> float:
        """Expected minutes now, in those of the twin."""
        live_index.catch_up()
        lat, lon = SEARCHED_FROM
        asked = Search(lat=lat, lon=lon, kinds=(self.kind,), limit=100)
        found = orjson.loads(find_nearby(asked, now=self.clock.now).body)["features"]
        minutes = {one["id"]: one["properties"]["expected_minutes"] for one in found}
        return float(minutes[str(self.service.pk)] / minutes[str(self.twin.pk)])


def vandalise(clock: Clock, crowd: Crowd, *, half_lives: int, steps: int, tries: int) -> None:
    """Say day after day that people are turned away, that it is closed, that all is wrong."""
    told = itertools.cycle([Outcome.TURNED_AWAY, Outcome.CLOSED, Outcome.WRONG_INFO])
    for _ in range(half_lives):
        crowd.attack(Outcome.TURNED_AWAY, tries)
        for _ in range(steps - 1):
            clock.shift(crowd.half_life / steps)
            crowd.attack(next(told), tries)
        clock.shift(crowd.half_life / steps)


def fading(clock: Clock, crowd: Crowd, half_lives: int) -> list[float]:
    """By how much minutes have grown, now and after each of some half-lives without attack."""
    grown = [crowd.ratio() - 1]
    for _ in range(half_lives):
        clock.shift(crowd.half_life)
        grown.append(crowd.ratio() - 1)
    return grown


def _shown(service: Service) -> dict[str, Any]:
    """What is told of its availability, over HTTP and in the database."""
    told = Client().get(f"/api/v1/services/{service.pk}/").json()["properties"]["availability"]
    row: dict[str, Any] = Service.objects.filter(pk=service.pk).values(*SHOWN, "closed_until").get()
    return row | {"told": {name: told[name] for name in told if name not in NO_STATE}}


def _network(number: int) -> str:
    """Every other one has IPv6, in a network of its own."""
    if number % 2:
        return f"2001:db8:7:{number:x}::{next(numbers):x}"
    return f"198.51.100.{number}"
