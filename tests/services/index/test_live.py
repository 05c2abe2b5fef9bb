"""Following the change log: every commit is seen, in whatever order transactions end."""

import gc
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.utils import timezone

from services.index import Query, live_index
from services.index.following import Following
from services.index.live import LiveIndex
from services.listing import ListedService
from services.models import Change, Service
from services.vocabulary import Availability, Kind
from tests.builders import a_record_of, a_report, a_service


def listed(index: LiveIndex = live_index) -> set[object]:
    query = Query(39.95, -75.16, at=timezone.now(), kinds=tuple(Kind), limit=100)
    return {hit.id for hit in index.index.find(query)}


def remembered(monkeypatch: pytest.MonkeyPatch, then: Callable[[], object]) -> list[set[object]]:
    """What is put into the index from now on, part by part; something happens after each."""
    put: list[set[object]] = []
    put_in = live_index.index.put

    def remembering(services: list[ListedService]) -> None:
        put.append({service.id for service in services})
        put_in(services)
        then()

    monkeypatch.setattr(live_index.index, "put", remembering)
    return put


def card_text(service: Service) -> str:
    live_index.catch_up()
    return live_index.index.tell([service.pk], timezone.now())[service.pk].decode()


@pytest.mark.django_db
def test_created_changed_and_retired() -> None:
    live_index.load()
    service = a_service()
    live_index.catch_up()
    assert listed() == {service.pk}
    service.retired_at = timezone.now()
    service.save()
    live_index.catch_up()
    assert listed() == set()
    service.retired_at = None
    service.save()
    live_index.catch_up()
    assert listed() == {service.pk}


@pytest.mark.django_db
def test_a_load_leaves_the_garbage_collector_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    collected = []

    def fails(*_: object) -> None:
        collected.append(gc.isenabled())
        raise OSError

    monkeypatch.setattr("services.index.live.filled", fails)
    with pytest.raises(OSError):  # noqa: PT011 - our own
        LiveIndex().load()
    assert (collected, gc.isenabled()) == ([False], True)


@pytest.mark.django_db
def test_a_deleted_service_goes() -> None:
    service = a_service()
    live_index.load()
    service.delete()
    live_index.catch_up()
    assert listed() == set()


@pytest.mark.django_db
def test_parts_of_a_listing_count_as_changes_of_it() -> None:
    service = a_service()
    live_index.load()
    service.site.phones.create(number="+12155550199", label="intake")
    assert "+12155550199" in card_text(service)
    service.site.name = "Another name"
    service.site.save()
    assert "Another name" in card_text(service)
    service.site.organization.name = "Another organization"
    service.site.organization.save()
    assert "Another organization" in card_text(service)
    a_record_of(service, "toronto-2016")
    assert "toronto-2016" in card_text(service)
    service.hours.create(rule="24/7")
    live_index.catch_up()
    assert live_index.index.find(
        Query(39.95, -75.16, at=timezone.now(), kinds=tuple(Kind), open_now=True, strict=True)
    )


@pytest.mark.django_db
def test_saving_without_a_difference_logs_nothing() -> None:
    service = a_service()
    before = Change.objects.count()
    Service.objects.filter(pk=service.pk).update(access=service.access)
    assert Change.objects.count() == before


@pytest.mark.django_db
def test_a_change_cannot_be_rewritten() -> None:
    a_service()
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        Change.objects.update(deleted=True)


@pytest.mark.django_db
def test_a_report_moves_the_service_at_once() -> None:
    full, free = a_service(), a_service()
    live_index.load()
    a_report(full, Availability.FULL)
    a_report(free, Availability.AVAILABLE)
    live_index.catch_up()
    query = Query(39.95, -75.16, at=timezone.now(), kinds=tuple(Kind))
    assert [hit.id for hit in live_index.index.find(query)] == [free.pk, full.pk]


def settle() -> None:
    """Load; then read once more what a long transaction elsewhere lets appear as new."""
    live_index.load()
    live_index.catch_up()


def in_a_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_commits_late_is_neither_skipped_nor_holds_others_up() -> None:
    late, early = a_service(), a_service()
    Service.objects.update(retired_at=timezone.now())
    live_index.load()
    has_written, may_commit = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with transaction.atomic():
            Service.objects.filter(pk=late.pk).update(retired_at=None)
            has_written.set()
            may_commit.wait(10)

    slow = in_a_thread(write_slowly)
    has_written.wait(10)
    Service.objects.filter(pk=early.pk).update(retired_at=None)
    live_index.catch_up()
    assert listed() == {early.pk}
    may_commit.set()
    slow.join(10)
    live_index.catch_up()
    assert listed() == {early.pk, late.pk}


@pytest.mark.django_db(transaction=True)
def test_changes_are_applied_once() -> None:
    service = a_service()
    settle()
    assert live_index.catch_up() == 0
    Service.objects.filter(pk=service.pk).update(name="Another name")
    assert live_index.catch_up() == 1
    assert live_index.catch_up() == 0


@pytest.mark.django_db(transaction=True)
def test_a_failure_while_applying_loses_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    service = a_service()
    settle()
    Service.objects.filter(pk=service.pk).update(retired_at=timezone.now())
    with monkeypatch.context() as broken:
        broken.setattr(Following, "_apply", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            live_index.catch_up()
    assert live_index.catch_up() == 1
    assert listed() == set()


@pytest.mark.django_db(transaction=True)
def test_what_is_told_at_the_same_time_as_an_import_comes_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.index.following.AT_A_TIME", 2)
    monkeypatch.setattr("services.index.following.FEW", 5)
    settle()
    with transaction.atomic():
        for _ in range(4):
            a_service()
    alone = a_service()
    put = remembered(monkeypatch, lambda: None)
    live_index.catch_up()
    assert alone.pk in put[0]
    assert len(listed()) == 5


@pytest.mark.django_db(transaction=True)
def test_a_failure_in_a_later_part_loses_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.index.following.AT_A_TIME", 2)
    settle()
    services = {a_service().pk for _ in range(5)}
    parts = []
    apply = Following._apply

    def fails_later(following: Following, ids: set[uuid.UUID]) -> None:
        parts.append(ids)
        if len(parts) == 3:
            raise ZeroDivisionError
        apply(following, ids)

    with monkeypatch.context() as broken:
        broken.setattr(Following, "_apply", fails_later)
        with pytest.raises(ZeroDivisionError):
            live_index.catch_up()
    assert live_index.catch_up() > 0
    assert listed() == services


@pytest.mark.django_db
def test_what_is_committed_during_an_import_does_not_wait_behind_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.index.following.AT_A_TIME", 2)
    live_index.load()
    imported = {a_service().pk for _ in range(7)}
    late = set[object]()
    put = remembered(monkeypatch, lambda: late.update(() if late else {a_service().pk}))
    live_index.catch_up()
    assert put[1] == late
    assert len(put) == 5
    assert listed() == imported | late


@pytest.mark.django_db(transaction=True)
def test_the_follower_hears_of_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """With polling switched off for a minute, only NOTIFY can bring the change."""
    from services.index import follower

    monkeypatch.setattr(follower, "POLL_SECONDS", 60)
    stop = threading.Event()
    thread = follower.start_following(stop)
    try:
        until(lambda: live_index.is_ready)
        service = a_service()
        until(lambda: service.pk in listed())
        terminate_other_connections()
        another = a_service()
        until(lambda: another.pk in listed())
        until(lambda: live_index.is_rehearsed)
    finally:
        stop.set()
        a_service()  # wakes it
        thread.join(10)
    assert not thread.is_alive()


def terminate_other_connections() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@contextmanager
def going(start: Callable[[threading.Event], threading.Thread]) -> Iterator[None]:
    stop = threading.Event()
    thread = start(stop)
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


def until(true: Callable[[], bool]) -> None:
    """Waits for what must become true; far longer than it takes, so no test hangs on a clock."""
    for _ in range(1_000):
        if true():
            return
        time.sleep(0.02)
    raise AssertionError("it did not become true")


@pytest.mark.django_db(transaction=True)
def test_starting_anew_does_not_need_the_change_log() -> None:
    service = a_service()
    settle()
    Service.objects.filter(pk=service.pk).update(retired_at=timezone.now())
    Change.objects.all().delete()
    live_index.resync()
    live_index.catch_up()
    assert listed() == set()
