"""An outreach worker without signal for six hours, then one sync of 200 reports."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.vocabulary import KIND_FACTS, Availability, Kind
from tests.proofs.asking import Server

OFFLINE = dt.timedelta(hours=6)
VALID, REPEATED, PAGE = 185, 10, 100
STATES = ["available", "full", "limited", "waitlist"]

Report = dict[str, Any]


@dataclass
class OutreachDay:
    """The day. ``say`` gets a line for each step; every step asserts."""

    server: Server
    token: str
    staff: str  # of the clinic whose newer word must stand
    clinic: str  # its service
    position: dict[str, float]
    say: Callable[[str], None] = print

    def run(self) -> None:
        """Go out, come back, sync, sync again as if the answer had been lost."""
        around = self.services_around()
        now = dt.datetime.now(dt.UTC)
        reports = self.seen_on_the_way(self.untold(around, now), now)
        batch, expected = self.with_repeats_and_slips(reports, now)
        self.clinic_speaks_meanwhile()
        self.sync(batch, expected)
        self.search_knows(reports, now)
        self.sync(batch, [200 if status == 201 else status for status in expected])

    def services_around(self) -> dict[str, dict[str, Any]]:
        """Services near the position, as search tells them, by id; the clinic's among them."""
        found: dict[str, dict[str, Any]] = {}
        for offset in range(0, 401, PAGE):
            wanted = self.position | {"limit": PAGE, "offset": offset}
            answer = self.server.ask("POST", "/api/v1/nearby/", wanted)
            assert answer.status == 200, answer.text
            found |= {one["id"]: one["properties"] for one in answer.told["features"]}
        return found

    def untold(self, around: dict[str, dict[str, Any]], now: dt.datetime) -> list[str]:
        """Those of whom nobody said anything since the worker went out, and that are not closed."""
        left = (now - OFFLINE).isoformat()
        words = {id_: one["availability"] for id_, one in around.items()}
        return [
            id_
            for id_, word in words.items()
            if word["state"] == Availability.UNKNOWN and (word["as_of"] or "") < left
        ]

    def seen_on_the_way(self, around: list[str], now: dt.datetime) -> list[Report]:
        """A report on each of the first services, oldest first, over six hours."""
        others = [id_ for id_ in around if id_ != self.clinic][: VALID - 1]
        assert len(others) == VALID - 1, "too few services around that nobody speaks of"
        step = OFFLINE / VALID
        return [
            {
                "id": str(uuid.uuid4()),
                "service": service,
                "state": STATES[number % len(STATES)],
                "observed_at": (now - OFFLINE + number * step).isoformat(),
            }
            for number, service in enumerate([self.clinic, *others])
        ]

    def with_repeats_and_slips(
        self, reports: list[Report], now: dt.datetime
    ) -> tuple[list[object], list[int]]:
        """What the phone sends: ten of them twice, five that cannot be true; and the statuses."""
        slips: list[tuple[object, int]] = [
            (reports[0] | {"id": str(uuid.uuid4()), "state": "maybe"}, 400),
            (reports[1] | {"id": str(uuid.uuid4()), "remaining": -1}, 400),
            (reports[2] | {"id": str(uuid.uuid4()), "service": str(uuid.uuid4())}, 404),
            (
                reports[3]
                | {"id": str(uuid.uuid4()), "observed_at": (now - 31 * 4 * OFFLINE).isoformat()},
                400,
            ),
            ("not a report", 400),
        ]
        batch: list[object] = [*reports, *reports[20 : 20 + REPEATED]]
        expected = [201] * len(reports) + [200] * REPEATED
        for position, (slip, status) in zip(range(3, 150, 30), slips, strict=False):
            batch.insert(position, slip)
            expected.insert(position, status)
        return batch, expected

    def clinic_speaks_meanwhile(self) -> None:
        """The clinic's own word is newer than what the worker saw there."""
        body = {"id": str(uuid.uuid4()), "state": "full"}
        path = f"/api/v1/services/{self.clinic}/reports/"
        answer = self.server.ask("POST", path, body, token=self.staff)
        assert answer.status == 201, answer.text

    def sync(self, batch: list[object], expected: list[int]) -> None:
        """Send them all at once; every item has its answer, in order."""
        answer = self.server.ask(
            "POST", "/api/v1/reports/batch/", {"reports": batch}, token=self.token
        )
        assert answer.status == 200, answer.text
        statuses = [one["status"] for one in answer.told["results"]]
        assert statuses == expected, [
            (at, told, wanted)
            for at, (told, wanted) in enumerate(zip(statuses, expected, strict=True))
            if told != wanted
        ]
        counts = {status: statuses.count(status) for status in sorted(set(statuses))}
        self.say(f"{len(batch)} reports synced: {counts}")

    def search_knows(self, reports: list[Report], now: dt.datetime) -> None:
        """Every report is told in search, but for the expired, and the clinic's newer word."""

        def seen() -> bool:
            around = self.services_around()
            return all(
                around[one["service"]]["availability"]["state"]
                == self.told_of(one, around[one["service"]]["kind"], now)
                for one in reports
                if one["service"] in around
            )

        took = self.server.settle(seen)
        around = self.services_around()
        told = [one for one in reports if one["service"] in around]
        assert len(told) > VALID // 2
        self.say(f"{len(told)} of {len(reports)} looked up in search: as reported, {took:.2f} s")

    def told_of(self, report: Report, kind: str, now: dt.datetime) -> str:
        """The state that a search must tell of a reported service."""
        if report["service"] == self.clinic:
            return Availability.FULL.value
        seen = dt.datetime.fromisoformat(report["observed_at"])
        expired = seen + KIND_FACTS[Kind(kind)].expires <= now
        return Availability.UNKNOWN.value if expired else str(report["state"])
