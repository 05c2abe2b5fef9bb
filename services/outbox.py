"""The outbox: a message is written in the transaction that causes it, and sent after it.

PostgreSQL holds what must be sent; the queue only hints that there is something. A hint that is
lost delays a message until services.delivery looks for itself.
"""

import datetime as dt
import uuid
from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from django.utils import timezone

from services.acting import as_the_system
from services.breaker import Breaker, LeftAloneError
from services.models import Message

# How long a request may wait for a queue that hangs, in seconds; one that is down answers at once.
BROKER_PATIENCE = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2, "max_retries": 0}

LEFT_ALONE_S = 30.0  # after it failed: many messages must not wait for it one after the other


class QueueAwayError(Exception):
    """The queue did not take a task. ``told``: how; None if it was not asked again so soon."""

    def __init__(self, told: str | None) -> None:
        super().__init__(told)
        self.told = told


queue = Breaker(LEFT_ALONE_S)
log = structlog.get_logger(__name__)


@as_the_system()  # nobody reads the outbox, not even who wrote to it
@transaction.atomic
def enqueue(
    *,
    key: str,
    purpose: Message.Purpose,
    recipient: str,
    subject: str,
    body: str,
    due_at: dt.datetime | None = None,
    expires_at: dt.datetime,
) -> Message:
    """Have a message sent once the current transaction is committed.

    Args:
        key: names the cause; the same key again changes nothing.
        purpose: what it is about, for whoever looks at the outbox.
        recipient: an e-mail address.
        subject: one line.
        body: plain text. It is forgotten once it is sent.
        due_at: not sent before; now, unless said otherwise.
        expires_at: given up then, if it could not be sent.

    Returns:
        The message, or the one that the same key made before, sent or not.
    """
    now = timezone.now()
    message, is_new = Message.objects.get_or_create(
        key=key,
        defaults={
            "purpose": purpose,
            "recipient": recipient,
            "subject": " ".join(subject.split())[:200],
            "body": body,
            "made_at": now,
            "due_at": due_at or now,
            "expires_at": expires_at,
        },
    )
    if is_new and message.due_at <= now:
        transaction.on_commit(partial(hint, message.pk), robust=True)
    return message


def hint(message_id: uuid.UUID) -> None:
    """Tell a worker that a message waits. If the queue is away nothing is lost: see above."""
    try:
        # After an hour it was found without.
        send_task("services.tasks.deliver_message", str(message_id), expires_s=3600)
    except QueueAwayError as problem:  # whatever it is, the write stands
        if problem.told is not None:
            log.warning("message not hinted", message=str(message_id), problem=problem.told)


def send_task(name: str, argument: str, *, expires_s: float | None = None) -> None:
    """Queue a task from a request, which waits for a queue that hangs for a moment only.

    Raises:
        QueueAwayError: nothing was queued.
    """
    try:
        with (
            queue.asking(),
            current_app.connection_for_write(
                transport_options=current_app.conf.broker_transport_options | BROKER_PATIENCE
            ) as connection,
        ):
            current_app.send_task(
                name, args=[argument], connection=connection, retry=False, expires=expires_s
            )
    except LeftAloneError:
        raise QueueAwayError(None) from None
    except Exception as problem:
        raise QueueAwayError(type(problem).__name__) from problem
