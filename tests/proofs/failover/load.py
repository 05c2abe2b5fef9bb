"""A steady load: people who search, and reports whose senders try again until they are stored."""

import datetime as dt
import itertools
import random
import time
import urllib.error
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.proofs.asking import OverHttp
from tests.proofs.steady import Running

SEARCHES_PER_SECOND = 20
REPORTERS, PAUSE_SECONDS = 4, 0.2
RETRY_SECONDS = 0.1  # sooner than Retry-After says, to see when writing works again
SENT_AGAIN = 5  # every so many reports one is sent once more, as if its answer had been lost
STORED = (200, 201)
AWAY = 503
NO_ANSWER = 0

Feature = dict[str, Any]  # a service, as a search tells it


@dataclass(frozen=True)
class Told:
    """What came back: when, by the monotonic clock, with what status and after how long."""

    at: float
    status: int
    seconds: float
    retry_after: str = ""


@dataclass
class Load(Running):
    """Searches and reports until it is stopped, and what came of them."""

    server: OverHttp
    token: str
    services: list[Feature]
    searches: list[Told] = field(default_factory=list)
    reports: list[Told] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)

    def acts(self) -> list[Callable[[], None]]:
        """People who search, and those who report."""
        turns = itertools.cycle(self.services)
        return [self._search_steadily, *[partial(self._report, turns)] * REPORTERS]

    def _search_steadily(self) -> None:
        rate = SEARCHES_PER_SECOND
        self.steadily(self._search, per_second=rate, at_once=rate)

    def _search(self, number: int) -> None:
        self.searches.append(self._ask("/api/v1/nearby/", self._somewhere(number), ""))

    def _somewhere(self, number: int) -> dict[str, float]:
        lon, lat = random.Random(number).choice(self.services)["geometry"]["coordinates"]
        return {"lat": lat, "lon": lon}

    def _report(self, turns: "itertools.cycle[Feature]") -> None:
        number = 0
        while not self.stop.wait(PAUSE_SECONDS):
            number += 1
            path = f"/api/v1/services/{next(turns)['id']}/reports/"
            body = {
                "id": str(uuid.uuid4()),
                "state": "available",
                "remaining": number % 50 + 1,
                "observed_at": dt.datetime.now(dt.UTC).isoformat(),
            }
            self._send_until_stored(path, body)
            if number % SENT_AGAIN == 0:
                self._send_until_stored(path, body)

    def _send_until_stored(self, path: str, body: dict[str, Any]) -> None:
        while True:
            told = self._ask(path, body, self.token)
            self.reports.append(told)
            if told.status in STORED:
                self.acknowledged.add(body["id"])
            if told.status not in (AWAY, NO_ANSWER) or self.stop.wait(RETRY_SECONDS):
                return

    def _ask(
        self, path: str, body: object, token: str, headers: Mapping[str, str] | None = None
    ) -> Told:
        began = time.monotonic()
        try:
            answer = self.server.ask("POST", path, body, token=token, headers=headers)
        except (urllib.error.URLError, OSError):
            return Told(began, NO_ANSWER, time.monotonic() - began)
        took = time.monotonic() - began
        retry_after = answer.headers.get("retry-after", "")
        return Told(began, answer.status, took, retry_after)
