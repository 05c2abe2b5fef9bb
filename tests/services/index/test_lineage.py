"""Following goes on only in one history: another one is read afresh, a crash is read over."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import OperationalError
from django.utils import timezone

from services.index import follower, following, live, live_index
from services.index.lineage import continues, lineage
from services.models import Change, Service
from tests.builders import a_service
from tests.services.index.test_live import (
    going,
    listed,
    settle,
    terminate_other_connections,
    until,
)


@pytest.mark.django_db
def test_the_lineage_is_that_of_the_cluster_and_stays() -> None:
    cluster, _started, timeline = lineage().split()
    assert all(part.isdigit() for part in cluster.split("/"))
    assert timeline.startswith("timeline-")
    assert lineage() == lineage()
    assert continues(lineage(), lineage())


@pytest.mark.parametrize(
    ("before", "now", "goes_on"),
    [
        ("7 1.5 timeline-00000001", "7 9.5 timeline-00000001", True),  # restarted
        ("7 1.5 standby", "7 1.5 timeline-00000002", True),  # promoted as we read it
        ("7 1.5 timeline-00000001", "7 2.5 timeline-00000002", False),  # a standby took over
        ("7 1.5 standby", "7 9.5 standby", False),  # restarted, or another standby
        ("7 1.5 standby", "7 2.5 timeline-00000001", False),  # the primary, which is ahead
        ("7 1.5 timeline-00000001", "7 2.5 standby", False),  # a standby, which is behind
        ("7 1.5 timeline-00000001", "8 2.5 timeline-00000001", False),  # another cluster
    ],
)
def test_which_lineages_can_be_read_on(before: str, now: str, goes_on: bool) -> None:
    assert continues(before, now) is goes_on


@pytest.mark.django_db(transaction=True)
def test_another_lineage_is_read_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a promotion: the log does not tell what is different there."""
    service = a_service()
    settle()
    Service.objects.filter(pk=service.pk).update(retired_at=timezone.now())
    Change.objects.all().delete()
    live_index.catch_up()
    assert listed() == {service.pk}
    for module in (live, following):
        monkeypatch.setattr(module, "lineage", lambda: "7 1.5 timeline-00000002")
    live_index.catch_up()
    assert listed() == set()
    Service.objects.filter(pk=service.pk).update(retired_at=None)
    assert live_index.catch_up() == 1
    assert listed() == {service.pk}


@pytest.mark.django_db(transaction=True)
def test_after_a_lost_connection_a_change_is_read_even_if_its_id_was_passed() -> None:
    """A crash gave a transaction the id of one that never reached the disk: below the floor."""
    service = a_service()
    settle()
    followed = live_index._following
    assert followed is not None
    until(lambda: live_index.catch_up() == 0 and followed.safe_floor is not None)
    safe = followed.safe_floor or 0
    Service.objects.filter(pk=service.pk).update(retired_at=timezone.now())
    followed.floor = safe + 1_000  # read while those ids were taken and not on the disk
    live_index.step_back()
    live_index.catch_up()
    assert listed() == set()


@pytest.mark.django_db(transaction=True)
def test_without_a_floor_that_is_safe_everything_is_read_afresh() -> None:
    service = a_service()
    settle()
    Service.objects.filter(pk=service.pk).update(retired_at=timezone.now())
    Change.objects.all().delete()
    assert live_index._following is not None
    live_index._following.safe_floor = None
    live_index.step_back()
    live_index.catch_up()
    assert listed() == set()


@contextmanager
def a_follower() -> Iterator[None]:
    with going(follower.start_following):
        until(lambda: live_index.is_ready)
        yield


@pytest.mark.django_db(transaction=True)
def test_a_standby_is_polled_until_it_is_promoted(monkeypatch: pytest.MonkeyPatch) -> None:
    standby, asked = [True], []

    def is_standby(waker: psycopg.Connection[tuple[object, ...]]) -> bool:
        asked.append(waker)
        return standby[0]

    monkeypatch.setattr(follower, "_is_standby", is_standby)
    monkeypatch.setattr(follower, "POLL_SECONDS", 0.02)
    with a_follower():
        service = a_service()
        until(lambda: service.pk in listed())
        assert len(set(asked)) == 1
        standby[0] = False
        until(lambda: len(set(asked)) > 1)
        monkeypatch.setattr(follower, "POLL_SECONDS", 60)
        last = a_service()  # found at the end of the last short wait, or by NOTIFY
        until(lambda: last.pk in listed())
        another = a_service()  # only NOTIFY can bring it
        until(lambda: another.pk in listed())
        a_service()  # wakes it, so that it sees the end
        monkeypatch.setattr(follower, "POLL_SECONDS", 0.02)


@pytest.mark.django_db(transaction=True)
def test_what_was_committed_while_the_database_was_away_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    away = threading.Event()
    connect = follower._connection_of_our_own

    def unless_away() -> psycopg.Connection[tuple[object, ...]]:
        if away.is_set():
            raise OperationalError
        return connect()

    monkeypatch.setattr(follower, "_connection_of_our_own", unless_away)
    monkeypatch.setattr(follower, "RETRY_SECONDS", 0.02)
    monkeypatch.setattr(follower, "POLL_SECONDS", 0.1)
    with a_follower():
        first = a_service()
        until(lambda: first.pk in listed())
        away.set()
        terminate_other_connections()
        missed = a_service()
        assert first.pk in listed()
        away.clear()
        until(lambda: missed.pk in listed())
