# ruff: noqa: S603 - it starts a process on purpose
"""The first change after a start finds its code compiled."""

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from structlog.testing import capture_logs

from services.index import live_index, snapshot
from services.index.live import LiveIndex
from services.index.shelving import filled
from tests.builders import a_service
from tests.listed import a_listed_service

ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.INDEX_FOLDER = str(tmp_path)
    dice, now = random.Random(4), timezone.now()
    services = [a_listed_service(dice) for _ in range(200)]
    snapshot.write(filled(services, now), floor=1, lineage="", now=now)
    return tmp_path


def compiled_for_changes(folder: Path, *more: str) -> list[str]:
    command = [sys.executable, "-m", "tests.services.index.rehearsed", str(folder), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.split()


def test_after_a_rehearsal_no_change_has_anything_compiled(folder: Path) -> None:
    assert compiled_for_changes(folder) == []


def test_else_the_first_change_does(folder: Path) -> None:
    assert "services.index.texts._number_all" in compiled_for_changes(folder, "unprepared")


@pytest.mark.django_db
def test_it_is_rehearsed_once_and_as_soon_as_there_are_services(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rehearsed: list[int] = []
    monkeypatch.setattr(
        "services.index.live.rehearse", lambda services, _: rehearsed.append(len(services))
    )
    index = LiveIndex()
    index.load()
    index.rehearse()
    a_service()
    index.catch_up()
    index.rehearse()
    index.rehearse()
    assert rehearsed == [1]


@pytest.mark.django_db
def test_a_rehearsal_changes_nothing_that_is_searched() -> None:
    service = a_service()
    live_index.load()
    before, now = live_index.index.changes, timezone.now()
    told = live_index.index.tell([service.pk], now)
    live_index.rehearse()
    assert (live_index.index.changes, live_index.index.tell([service.pk], now)) == (before, told)
    assert live_index.is_rehearsed


@pytest.mark.django_db
def test_a_rehearsal_that_fails_is_logged_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("services.index.live.rehearse", fails)
    a_service()
    live_index.load()
    with capture_logs() as logged:
        live_index.rehearse()
        live_index.rehearse()
    assert [entry["event"] for entry in logged] == ["index: the rehearsal failed"]
