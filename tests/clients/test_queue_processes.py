"""The queue over restarts, kill -9, and between several processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from locator_offline import ReportQueue
from tests.clients.faults import Fault, ReportServer, running

PACKAGE = Path(__file__).parents[2] / "clients" / "python"
SERVICE = "00000000-0000-4000-8000-000000000007"
ADD = """
import sys
from locator_offline import ReportQueue
queue = ReportQueue(sys.argv[1])
for _ in range(int(sys.argv[2])):
    print(queue.add(sys.argv[3], "full"), flush=True)
"""
SEND = """
import sys
from locator_offline import ReportQueue, Sender, Transport
queue = ReportQueue(sys.argv[1])
for _ in range(20):
    queue.add(sys.argv[3], "full")
Sender(queue, Transport(sys.argv[2]), token="t", sleep=lambda _: None, dice=lambda: 0.0).run()
"""


@pytest.fixture
def server() -> Iterator[ReportServer]:
    with running(ReportServer()) as server:
        yield server


def started(program: str, *words: str) -> "subprocess.Popen[str]":
    environment = os.environ | {"PYTHONPATH": str(PACKAGE)}
    command = [sys.executable, "-c", program, *words]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_what_add_returned_survives_kill_9(tmp_path: Path) -> None:
    path, told = tmp_path / "reports.sqlite3", list[str]()
    for _ in range(3):
        with started(ADD, str(path), "1000000", SERVICE) as process:
            assert process.stdout
            told += [process.stdout.readline().strip() for _ in range(15)]
            process.send_signal(signal.SIGKILL)
            told += [line.strip() for line in process.stdout if line.endswith("\n")]
    queue = ReportQueue(path)
    kept = [one.id for one in queue.waiting()]
    queue.close()
    assert len(told) >= 45
    assert set(told) <= set(kept)
    assert len(kept) <= len(told) + 3  # one a kill may be kept and not told


def test_several_processes_add_and_send_at_once(tmp_path: Path, server: ReportServer) -> None:
    path = tmp_path / "reports.sqlite3"
    server.faults.extend(
        [Fault(503), Fault(cut="all", commit=True), Fault(cut="half", commit=True)]
    )
    processes = [started(SEND, str(path), server.address, SERVICE) for _ in range(3)]
    for process in processes:
        with process:
            assert process.wait() == 0
    queue = ReportQueue(path)
    assert not queue.waiting()
    assert not queue.refused()
    queue.close()
    assert len(server.stored) == 60
    assert set(server.times.values()) == {1}
