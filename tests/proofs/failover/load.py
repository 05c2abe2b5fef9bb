"""A steady load: people who search, and reports whose senders try again until they are stored."""

import datetime as dt
import itertools
import random
import threading
import time
import urllib.error
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from tests.proofs.asking import OverHttp

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
class Load:
    """Searches and reports until it is stopped, and what came of them."""

    server: OverHttp
    token: str
    services: list[Feature]
    searches: list[Told] = field(default_factory=list)
    reports: list[Told] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Load":
        """Begin."""
        turns = itertools.cycle(self.services)
        self._threads = [threading.Thread(target=self._search_steadily)]
        self._threads += [
            threading.Thread(target=self._report, args=(turns,)) for _ in range(REPORTERS)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End: what was begun is finished."""
        self.stop.set()
        for thread in self._threads:
            thread.join()

    def _search_steadily(self) -> None:
        dice = random.Random(4)
        with ThreadPoolExecutor(max_workers=SEARCHES_PER_SECOND) as people:
            due = time.monotonic()
            while not self.stop.wait(max(0.0, due - time.monotonic())):
                lon, lat = dice.choice(self.services)["geometry"]["coordinates"]
                people.submit(self._search, {"lat": lat, "lon": lon})
                due += 1 / SEARCHES_PER_SECOND

    def _search(self, body: dict[str, float]) -> None:
        told = self._ask("/api/v1/nearby/", body, "")
        self.searches.append(told)

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
