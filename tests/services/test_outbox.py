"""What is written is sent: once, whatever dies on the way, and never by two at once."""

import datetime as dt
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from celery import current_app
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from services import outbox
from services.delivery import deliver, deliver_due, pause_after
from services.models import Message
from services.purging import purge
from services.tasks import deliver_due_messages, deliver_message
from tests.builders import a_message

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


class FailingTransport:
    """A mail server that is away, and says whom it would have reached."""

    def send(self, message: Message) -> None:
        raise ConnectionRefusedError(f"cannot reach {message.recipient}: {message.body}")


class SlowTransport:
    """Holds each message until the test lets go; counts."""

    sent: list[uuid.UUID]
    entered: threading.Event
    let_go: threading.Event

    def send(self, message: Message) -> None:
        self.sent.append(message.pk)
        self.entered.set()
        assert self.let_go.wait(10)


@pytest.fixture
def slow(settings: Any) -> Iterator[type[SlowTransport]]:
    SlowTransport.sent = []
    SlowTransport.entered, SlowTransport.let_go = threading.Event(), threading.Event()
    settings.MESSAGE_TRANSPORT = f"{__name__}.SlowTransport"
    yield SlowTransport
    SlowTransport.let_go.set()


@pytest.fixture(autouse=True)
def _no_queue_that_failed_before() -> Iterator[None]:
    outbox.queue.left_alone_until = 0.0
    yield
    outbox.queue.left_alone_until = 0.0


@pytest.fixture
def failing(settings: Any) -> None:
    settings.MESSAGE_TRANSPORT = f"{__name__}.FailingTransport"


def again(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def test_a_message_reaches_its_recipient() -> None:
    message = a_message(subject="How is\nit today?", body="Tell us.")
    assert deliver(message.pk)
    [sent] = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (
        ["desk@clinic.example"],
        "How is it today?",
        "Tell us.",
    )
    assert again(message).sent_at is not None


def test_the_message_id_follows_from_the_message() -> None:
    message = a_message()
    deliver(message.pk)
    assert mail.outbox[0].message()["Message-ID"] == f"<{message.pk}@localhost>"


def test_the_same_key_makes_one_message() -> None:
    first = a_message(key="held:1", body="first")
    second = a_message(key="held:1", body="second")
    assert first.pk == second.pk
    assert Message.objects.count() == 1
    assert again(first).body == "first"


def test_the_same_key_after_sending_sends_nothing_more() -> None:
    deliver(a_message(key="held:1").pk)
    a_message(key="held:1")
    assert deliver_due(timezone.now()) == 0
    assert len(mail.outbox) == 1


def test_a_message_is_sent_once() -> None:
    message = a_message()
    assert deliver(message.pk)
    assert not deliver(message.pk)
    assert len(mail.outbox) == 1


def test_what_was_sent_is_forgotten_but_for_its_being() -> None:
    message = a_message(body="https://locator.example/r/secret/")
    deliver(message.pk)
    assert again(message).body == ""


def test_a_transaction_that_fails_sends_nothing(
    django_capture_on_commit_callbacks: Any,
) -> None:
    def fails() -> None:
        with transaction.atomic():
            a_message()
            raise ZeroDivisionError

    with django_capture_on_commit_callbacks() as hints, pytest.raises(ZeroDivisionError):
        fails()
    assert hints == []
    assert not Message.objects.exists()


def test_a_worker_is_told_after_the_commit(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hinted: list[uuid.UUID] = []
    monkeypatch.setattr(outbox, "hint", hinted.append)
    with django_capture_on_commit_callbacks(execute=True):
        message = a_message()
        assert hinted == []
    assert hinted == [message.pk]


def test_a_hint_carries_an_opaque_id_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **_: told.append((name, args)))
    message = a_message()
    outbox.hint(message.pk)
    assert told == [("services.tasks.deliver_message", [str(message.pk)])]
    deliver_message(str(message.pk))
    assert len(mail.outbox) == 1


def test_a_message_whose_hint_was_lost_is_found() -> None:
    a_message()  # the test's transaction never commits: its hint never leaves
    assert deliver_due_messages() == 1
    assert len(mail.outbox) == 1


def test_a_message_of_later_waits_for_its_time(django_capture_on_commit_callbacks: Any) -> None:
    now = timezone.now()
    with django_capture_on_commit_callbacks() as hints:
        message = a_message(due_at=now + HOUR)
    assert hints == []
    assert not deliver(message.pk)
    assert deliver_due(now) == 0
    assert mail.outbox == []


@pytest.mark.parametrize("url", ["redis+socket:///nonexistent/redis.sock", "redis://127.0.0.1:9/0"])
def test_a_queue_that_is_down_does_not_fail_the_write(
    url: str, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current_app.conf, "broker_write_url", url)
    with structlog.testing.capture_logs() as logs, django_capture_on_commit_callbacks(execute=True):
        message = a_message()
    assert [one["event"] for one in logs] == ["message not hinted"]
    assert deliver(message.pk)


def test_a_queue_that_hangs_delays_a_write_by_less_than_two_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mute = socket.socket(socket.AF_UNIX)
    mute.bind(str(tmp_path / "mute.sock"))
    mute.listen()
    url = f"redis+socket://{tmp_path}/mute.sock"
    monkeypatch.setattr(current_app.conf, "broker_write_url", url)
    began = time.monotonic()
    outbox.hint(uuid.uuid4())
    assert time.monotonic() - began < 2
    mute.close()


def test_a_queue_that_failed_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as away:
        away.setattr(current_app.conf, "broker_write_url", "redis://127.0.0.1:9/0")
        outbox.hint(uuid.uuid4())
    told: list[Any] = []
    monkeypatch.setattr(current_app, "send_task", lambda *_, **__: told.append(1))
    outbox.hint(uuid.uuid4())
    assert told == []
    outbox.queue.left_alone_until = time.monotonic()
    outbox.hint(uuid.uuid4())
    assert told == [1]


def test_what_failed_is_tried_again_later(failing: None, settings: Any) -> None:
    message = a_message()
    before = timezone.now()
    assert not deliver(message.pk)
    tried = again(message)
    assert tried.attempts == 1
    assert tried.sent_at is None
    assert (
        before + dt.timedelta(seconds=15)
        <= tried.due_at
        <= timezone.now() + dt.timedelta(seconds=45)
    )
    settings.MESSAGE_TRANSPORT = "services.transports.EmailTransport"
    Message.objects.update(due_at=timezone.now())
    assert deliver(message.pk)
    assert len(mail.outbox) == 1


def test_one_that_fails_does_not_keep_the_others_back(settings: Any) -> None:
    bad = a_message(recipient="nobody")
    good = a_message()
    settings.MESSAGE_TRANSPORT = f"{__name__}.OnlyToAddresses"
    assert deliver_due(timezone.now()) == 1
    assert again(good).sent_at is not None
    assert again(bad).sent_at is None


class OnlyToAddresses:
    def send(self, message: Message) -> None:
        if "@" not in message.recipient:
            raise ValueError


def test_pauses_double_up_to_an_hour_and_differ() -> None:
    for attempts, seconds in ((1, 30), (3, 120), (50, 3600)):
        pause = dt.timedelta(seconds=seconds)
        drawn = {pause_after(attempts) for _ in range(20)}
        assert all(pause / 2 <= one <= pause * 1.5 for one in drawn)
        assert len(drawn) > 1


def test_an_expired_message_is_given_up_and_told_without_naming_anybody() -> None:
    now = timezone.now()
    message = a_message(body="a secret link", due_at=now - HOUR, expires_at=now)
    with structlog.testing.capture_logs() as logs:
        assert deliver_due(now) == 0
    assert again(message).given_up_at is not None
    assert mail.outbox == []
    assert [one["event"] for one in logs] == ["message given up"]
    assert "clinic.example" not in str(logs)
    assert "secret" not in str(logs)


def test_a_failure_is_told_without_naming_anybody(failing: None) -> None:
    message = a_message(body="a secret link")
    with structlog.testing.capture_logs() as logs:
        deliver(message.pk)
    assert logs[0]["problem"] == "ConnectionRefusedError"
    assert "clinic.example" not in str(logs)
    assert "secret" not in str(logs)


def test_messages_are_forgotten_after_a_week() -> None:
    now = timezone.now()
    days = [a_message() for _ in range(4)]
    deliver(days[0].pk)
    deliver(days[1].pk)
    Message.objects.filter(pk=days[0].pk).update(sent_at=now - dt.timedelta(days=8))
    Message.objects.filter(pk=days[2].pk).update(given_up_at=now - dt.timedelta(days=8))
    assert purge("services.Message", now) == 2
    assert set(Message.objects.values_list("pk", flat=True)) == {days[1].pk, days[3].pk}


def in_a_thread(work: Any) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_send_the_same_message(slow: type[SlowTransport]) -> None:
    message = a_message()
    first = in_a_thread(lambda: deliver(message.pk))
    assert slow.entered.wait(10)
    assert not deliver(message.pk)  # does not wait for the first one either
    assert deliver_due(timezone.now()) == 0
    slow.let_go.set()
    first.join()
    assert slow.sent == [message.pk]
    assert again(message).sent_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_died_before_it_sent_leaves_the_message_to_the_next() -> None:
    message = a_message()

    def dies() -> None:
        with transaction.atomic():  # the lock ends with the connection
            Message.objects.select_for_update().get(pk=message.pk)
            raise SystemExit

    with pytest.raises(SystemExit):
        dies()
    assert deliver_due(timezone.now()) == 1
    assert len(mail.outbox) == 1


def test_a_worker_that_died_after_it_sent_repeats_the_same_message_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = a_message()

    def dies(*_: Any, **__: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(Message, "save", dies)
        with pytest.raises(SystemExit):
            deliver(message.pk)
    assert deliver(message.pk)
    first, second = (one.message()["Message-ID"] for one in mail.outbox)
    assert first == second


@pytest.mark.django_db(transaction=True)
def test_the_same_cause_in_parallel_makes_one_message() -> None:
    threads = [in_a_thread(lambda: a_message(key="one cause")) for _ in range(8)]
    for thread in threads:
        thread.join()
    assert Message.objects.count() == 1


def test_the_times_of_the_queue_fit_each_other(settings: Any) -> None:
    assert (
        (settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"])
        > settings.CELERY_TASK_TIME_LIMIT
    )
    assert settings.CELERY_TASK_ACKS_LATE
    assert settings.CELERY_WORKER_PREFETCH_MULTIPLIER == 1
    assert "deliver_due_messages" in str(settings.CELERY_BEAT_SCHEDULE)
