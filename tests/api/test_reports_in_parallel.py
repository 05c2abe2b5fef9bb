"""The same id is one event for ever, however many copies of it arrive at once.

The full proof, 1,000 ids × 20 copies, takes some minutes: set ``FULL_PROOFS=1`` to run it.
"""

import os
import random
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from services.index import follower, live_index
from services.models import AvailabilityReport, Service, VisitOutcome
from services.vocabulary import Kind, Role
from tests.api.conftest import Phone, phone_of
from tests.api.reporting import a_body, reports_of, send
from tests.builders import a_service, a_token, an_account

pytestmark = pytest.mark.django_db(transaction=True)
IDS, COPIES = (1_000, 20) if os.environ.get("FULL_PROOFS") else (30, 20)
THREADS = 6  # with a connection each; the pool has eight
AT_ONCE = 5  # ids whose copies are in flight together


def in_parallel(work: Callable[[Any], Any], jobs: list[Any]) -> list[Any]:
    """What the work comes to for each job, done by several threads with their own connections."""

    def run(job: Any) -> Any:
        try:
            return work(job)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(run, jobs))


def in_flight_together(ids: list[Any]) -> list[Any]:
    jobs: list[Any] = []
    for start in range(0, len(ids), AT_ONCE):
        copies = ids[start : start + AT_ONCE] * COPIES
        random.shuffle(copies)
        jobs += copies
    return jobs


def test_every_copy_of_a_report_is_answered_alike_and_one_is_stored() -> None:
    token = a_token(an_account(Role.OUTREACH))
    services = [a_service() for _ in range(10)]
    bodies = [(services[number % 10], a_body(remaining=number + 1)) for number in range(IDS)]

    def report(job: tuple[Service, dict[str, Any]]) -> tuple[str, int, bytes]:
        client = Client(headers={"Authorization": f"Bearer {token}"})
        path = f"/api/v1/services/{job[0].pk}/reports/"
        answer = client.post(path, job[1], content_type="application/json")
        return job[1]["id"], answer.status_code, answer.content

    answers: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
    for id_, status, content in in_parallel(report, in_flight_together(bodies)):
        answers[id_].append((status, content))
    assert AvailabilityReport.objects.count() == len(answers) == IDS
    for copies in answers.values():
        assert sorted(status for status, _content in copies) == [200] * (COPIES - 1) + [201]
        assert len({content for _status, content in copies}) == 1


@pytest.mark.usefixtures("_counted_anew")
def test_every_copy_of_an_outcome_is_counted_once() -> None:
    """Twenty a day are allowed, so twenty told twenty times each all get through."""
    told = [(a_service(), str(uuid.uuid4())) for _ in range(20)]

    def tell(job: tuple[Service, str]) -> tuple[str, int]:
        path = f"/api/v1/services/{job[0].pk}/outcomes/"
        body = {"id": job[1], "outcome": "served"}
        return job[1], Client().post(path, body, content_type="application/json").status_code

    statuses = defaultdict(list)
    for id_, status in in_parallel(tell, in_flight_together(told)):
        statuses[id_].append(status)
    for copies in statuses.values():
        assert sorted(copies) == [200] * (COPIES - 1) + [201]
    assert VisitOutcome.objects.count() == 20
    assert tell((a_service(), str(uuid.uuid4())))[1] == 429


def test_of_reports_at_once_the_newest_speaks() -> None:
    service, token = a_service(kind=Kind.DETOX), a_token(an_account(Role.OUTREACH))
    bodies = [a_body(remaining=number + 1) for number in range(40)]

    def report(body: dict[str, Any]) -> int:
        client = Client(headers={"Authorization": f"Bearer {token}"})
        path = f"/api/v1/services/{service.pk}/reports/"
        return client.post(path, body, content_type="application/json").status_code

    assert set(in_parallel(report, bodies)) == {201}
    service.refresh_from_db()
    newest = AvailabilityReport.objects.order_by("-observed_at", "-pk")[0]
    assert (service.remaining, service.as_of) == (newest.remaining, newest.observed_at)


@pytest.fixture
def caught_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Condition]:
    """Told whenever the follower, which only NOTIFY wakes, has applied what was committed."""
    told, plain, stop = threading.Condition(), live_index.catch_up, threading.Event()

    def catch_up() -> int:
        applied = plain()
        with told:
            told.notify_all()
        return applied

    monkeypatch.setattr(live_index, "catch_up", catch_up)
    monkeypatch.setattr(follower, "POLL_SECONDS", 60)
    thread = follower.start_following(stop)
    yield told
    stop.set()
    a_service()  # wakes it
    thread.join(10)
    assert not thread.is_alive()


def test_a_report_is_found_by_searches_without_anybody_asking_for_it(
    caught_up: threading.Condition, phone: Phone
) -> None:
    service = a_service(kind=Kind.DETOX)
    outreach = phone_of(an_account(Role.OUTREACH))

    def tells(remaining: int) -> bool:
        if not live_index.is_ready:
            return False
        found = phone.search({"lat": 39.95, "lon": -75.16, "kinds": ["detox"]}).json()["features"]
        now = [feature["properties"]["availability"]["remaining"] for feature in found]
        return now == [remaining]

    for number in (4, 7):
        with caught_up:
            sent = send(outreach, reports_of(service), a_body(remaining=number))
            assert sent.status_code == 201
            assert caught_up.wait_for(partial(tells, number), timeout=30)
