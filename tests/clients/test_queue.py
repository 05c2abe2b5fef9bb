"""The outreach queue: nothing is lost, nothing is sent twice for two, nothing jams."""

import socket
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from locator_offline import ReportQueue, Sender, Step, Transport
from tests.clients.faults import PROBLEM, Fault, ReportServer, Time, running

SERVICE = "00000000-0000-4000-8000-000000000007"
DICE = 0.5


@pytest.fixture
def server() -> Iterator[ReportServer]:
    with running(ReportServer()) as server:
        yield server


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def queue(tmp_path: Path, time: Time) -> Iterator[ReportQueue]:
    queue = ReportQueue(tmp_path / "reports.sqlite3", clock=time.clock)
    yield queue
    queue.close()


def sender(queue: ReportQueue, server: ReportServer, time: Time, **more: Any) -> Sender:
    options: dict[str, Any] = {"token": "t", "dice": lambda: DICE}
    options |= {"clock": time.clock, "sleep": time.sleep}
    return Sender(queue, Transport(server.address, timeout_s=5), **options | more)


def test_a_report_is_sent_as_it_was_seen_and_forgotten(
    queue: ReportQueue, server: ReportServer, time: Time
) -> None:
    id_ = queue.add(SERVICE, "available", remaining=3, note="ask for the nurse")
    time.now += 3600
    assert sender(queue, server, time).flush() is Step.EMPTY
    assert server.stored[id_] == {
        "id": id_,
        "service": SERVICE,
        "state": "available",
        "remaining": 3,
        "note": "ask for the nurse",
        "observed_at": "2027-01-15T08:00:00+00:00",
    }
    assert not queue.waiting()
    assert not queue.refused()


@pytest.mark.parametrize(
    "fault",
    [
        *(Fault(status) for status in (408, 425, 429, 500, 502, 503, 504)),
        *(Fault(status) for status in (302, 404, 405)),  # whoever stands on the way
        Fault(cut="all"),
        Fault(cut="half", commit=True),
        Fault(200, body=b"<html>Welcome to our network!</html>"),
        Fault(200, body=b"[]"),
        Fault(200, body=b'{"results": 1}'),
        Fault(200, body=b'{"results": [{"status": "200"}]}'),
        Fault(200, body=b'{"results": [{"id": "another", "status": 200}]}'),
        Fault(200, body=b'{"results": [{"status": 200}, {"status": 200}, {"status": 200}]}'),
        Fault(503, commit=True),
    ],
)
def test_a_fault_loses_nothing(
    fault: Fault, queue: ReportQueue, server: ReportServer, time: Time
) -> None:
    ids = [queue.add(SERVICE, "full"), queue.add(SERVICE, "available")]
    server.faults.append(fault)
    assert sender(queue, server, time).flush() is Step.LATER
    assert [one.id for one in queue.waiting()] == ids
    assert sender(queue, server, time).run() is Step.EMPTY
    assert time.slept == [DICE]
    assert list(server.stored) == ids
    assert set(server.times.values()) == {1}


def test_a_line_that_is_half_open_is_given_up(queue: ReportQueue, time: Time) -> None:
    """Somebody takes the connection, and never says a word."""
    queue.add(SERVICE, "full")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        transport = Transport(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.01)
        assert Sender(queue, transport, token="t", clock=time.clock).flush() is Step.LATER
    assert len(queue.waiting()) == 1


def test_a_redirect_gets_no_token(queue: ReportQueue, server: ReportServer, time: Time) -> None:
    queue.add(SERVICE, "full")
    with running(ReportServer()) as elsewhere:
        server.faults.append(Fault(307, {"Location": elsewhere.address}))
        assert sender(queue, server, time).flush() is Step.LATER
        assert elsewhere.batches == []


def test_waits_double_up_to_five_minutes(
    queue: ReportQueue, server: ReportServer, time: Time
) -> None:
    queue.add(SERVICE, "full")
    server.faults.extend([Fault(503)] * 11)
    assert sender(queue, server, time, dice=lambda: 1.0).run() is Step.EMPTY
    assert time.slept == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_a_server_that_asks_for_more_time_gets_it(
    queue: ReportQueue, server: ReportServer, time: Time
) -> None:
    queue.add(SERVICE, "full")
    asked = ("90", formatdate(time.now + 90 + 40, usegmt=True), "0", "soon", "1e9", "nan")
    server.faults.extend(Fault(429, {"Retry-After": each}) for each in asked)
    assert sender(queue, server, time).run() is Step.EMPTY
    assert time.slept == pytest.approx([90, 40, 2, 4, 86_400, 16])


def test_a_restart_does_not_begin_to_hurry(
    queue: ReportQueue, server: ReportServer, time: Time
) -> None:
    queue.add(SERVICE, "full")
    server.faults.append(Fault(429, {"Retry-After": "60"}))
    sender(queue, server, time).flush()
    assert sender(queue, server, time).flush() is Step.LATER
    assert len(server.batches) == 1
    time.now -= 86_400  # a clock that was set right
    assert sender(queue, server, time).flush() is Step.EMPTY


def test_what_is_refused_is_set_aside_and_holds_up_nothing(
    queue: ReportQueue, server: ReportServer, time: Time
) -> None:
    server.items = {str(status): status for status in (400, 404, 409, 410, 422)}
    for note in server.items:
        queue.add(SERVICE, "full", note=note)
    last = queue.add(SERVICE, "available")
    assert sender(queue, server, time).flush() is Step.EMPTY
    assert list(server.stored) == [last]
    refused = queue.refused()
    assert [one.status for one in refused] == [400, 404, 409, 410, 422]
    assert refused[0].problem == PROBLEM
    assert refused[0].report["note"] == "400"


def test_a_person_mends_or_drops_it(queue: ReportQueue, server: ReportServer, time: Time) -> None:
    server.items = {"wrong": 400}
    seen, id_ = "2026-11-26T08:00:00+00:00", queue.add(SERVICE, "available")
    old = queue.add(SERVICE, "full", note="wrong", observed_at=seen)
    other = queue.add(SERVICE, "full", note="wrong")
    sender(queue, server, time).flush()
    new = queue.mend(old, note="right")
    queue.drop(other)
    queue.drop(new)  # waits, so it stays
    with pytest.raises(KeyError):
        queue.mend(old)
    assert sender(queue, server, time).flush() is Step.EMPTY
    assert queue.refused() == []
    assert set(server.stored) == {id_, new}
    assert server.stored[new]["observed_at"] == seen


def test_one_that_always_fails_waits_behind_the_others(
    queue: ReportQueue, server: ReportServer, time: Time
) -> None:
    server.items = {"cursed": 500}
    cursed = queue.add(SERVICE, "full", note="cursed")
    one = queue.add(SERVICE, "full")
    assert sender(queue, server, time).flush() is Step.LATER
    two = queue.add(SERVICE, "full")
    assert [each.id for each in queue.waiting()] == [two, cursed]
    time.now += 10
    assert sender(queue, server, time).flush() is Step.LATER
    assert list(server.stored) == [one, two]
    assert [each.id for each in queue.waiting()] == [cursed]


def test_what_the_answer_leaves_out_stays(
    queue: ReportQueue, server: ReportServer, time: Time
) -> None:
    first, second = queue.add(SERVICE, "full"), queue.add(SERVICE, "full")
    body = f'{{"results": [{{"id": "{first}", "status": 201}}]}}'.encode()
    server.faults.append(Fault(200, body=body))
    assert sender(queue, server, time).step() is Step.SENT
    assert [one.id for one in queue.waiting()] == [second]


def test_an_answer_lost_after_the_commit(
    queue: ReportQueue, server: ReportServer, time: Time
) -> None:
    ids = [queue.add(SERVICE, "full") for _ in range(3)]
    server.faults.append(Fault(cut="all", commit=True))
    sender(queue, server, time).flush()
    assert (list(server.stored), len(queue.waiting())) == (ids, 3)
    assert sender(queue, server, time).run() is Step.EMPTY
    assert server.batches == [ids, ids]
    assert set(server.times.values()) == {1}


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_not_used_again(
    status: int, queue: ReportQueue, server: ReportServer, time: Time
) -> None:
    id_, told = queue.add(SERVICE, "full"), list[bool]()
    server.faults.append(Fault(status))
    mine = sender(queue, server, time, token="old", signed_out=lambda: told.append(True))
    assert mine.run() is Step.SIGNED_OUT
    assert sender(queue, server, time, token="old").run() is Step.SIGNED_OUT
    assert sender(queue, server, time, token=None).run() is Step.SIGNED_OUT
    assert (told, len(server.batches)) == ([True], 1)
    mine.sign_in("new")
    assert mine.run() is Step.EMPTY
    assert list(server.stored) == [id_]


def test_the_token_is_not_on_the_disk(
    queue: ReportQueue, server: ReportServer, time: Time, tmp_path: Path
) -> None:
    queue.add(SERVICE, "full")
    server.faults.append(Fault(401))
    sender(queue, server, time, token="a-secret-of-somebody").run()
    queue.close()
    assert all(b"a-secret" not in path.read_bytes() for path in tmp_path.iterdir())


def test_a_batch_that_is_too_large_is_halved(
    queue: ReportQueue, server: ReportServer, time: Time
) -> None:
    server.most = 3
    ids = [queue.add(SERVICE, "full") for _ in range(10)]
    assert sender(queue, server, time).flush() is Step.EMPTY
    assert set(server.stored) == set(ids)
    assert time.slept == []


def test_a_report_that_is_too_large_alone_is_refused(
    queue: ReportQueue, server: ReportServer, time: Time
) -> None:
    server.most = 0
    id_ = queue.add(SERVICE, "full")
    assert sender(queue, server, time).flush() is Step.EMPTY
    assert [(one.id, one.status) for one in queue.refused()] == [(id_, 413)]


def test_one_that_spoils_a_whole_batch_is_found(
    queue: ReportQueue, server: ReportServer, time: Time
) -> None:
    ids = [queue.add(SERVICE, "full") for _ in range(4)]
    spoilt = {"Content-Type": "application/problem+json"}
    server.faults.extend([Fault(400, spoilt), Fault(400, spoilt), Fault(400, spoilt)])
    assert sender(queue, server, time).flush() is Step.EMPTY
    assert [one.id for one in queue.refused()] == ids[:1]
    assert list(server.stored) == ids[1:]


def test_batches_hold_no_more_than_the_server_takes(
    queue: ReportQueue, server: ReportServer, time: Time
) -> None:
    for _ in range(7):
        queue.add(SERVICE, "full", note="x" * 600_000)
    assert sender(queue, server, time).flush() is Step.EMPTY
    assert [len(batch) for batch in server.batches] == [3, 3, 1]


def test_no_more_than_five_hundred_at_once(
    queue: ReportQueue, server: ReportServer, time: Time
) -> None:
    with queue._change():  # one commit for all: this is about batches
        for _ in range(1_001):
            queue.add(SERVICE, "full")
    assert sender(queue, server, time).flush() is Step.EMPTY
    assert [len(batch) for batch in server.batches] == [500, 500, 1]


def test_what_json_cannot_tell_is_refused_at_once(queue: ReportQueue) -> None:
    with pytest.raises(ValueError, match="JSON"):
        queue.add(SERVICE, "full", remaining=float("nan"))
    assert queue.waiting() == []
