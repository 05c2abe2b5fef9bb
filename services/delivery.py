"""Sending what waits in the outbox. The lock on a message's row is the claim on it.

The row stays locked while its message is handed over, so no second worker can send it meanwhile,
and a worker that dies lets go of it at once. What was handed over and not yet recorded when the
worker died is sent again; no outbox can tell that moment from the one before.
"""

import datetime as dt
import time
import uuid
from random import SystemRandom

import structlog
from django.db import transaction
from django.utils import timezone

from services.models import Message
from services.reminders import is_still_needed
from services.transports import transport

FIRST_PAUSE = dt.timedelta(seconds=30)
LONGEST_PAUSE = dt.timedelta(hours=1)
ROUND_S = 240.0  # seconds a round may take; what is left waits for the next one

log = structlog.get_logger(__name__)
chance = SystemRandom()


def deliver_due(now: dt.datetime) -> int:
    """Send every message that is due, those first that wait longest. Returns how many."""
    started = time.monotonic()
    sent = 0
    due = Message.objects.waiting().filter(due_at__lte=now).order_by("due_at", "pk")
    for message_id in due.values_list("pk", flat=True):
        if time.monotonic() - started > ROUND_S:
            break
        sent += deliver(message_id)
    return sent


@transaction.atomic
def deliver(message_id: uuid.UUID) -> bool:
    """Send one message if it is due and nobody else is sending it. True if it was sent now.

    What fails is tried again after a pause that doubles, until the message expires.
    """
    now = timezone.now()
    waiting = Message.objects.waiting().select_for_update(skip_locked=True)
    message = waiting.filter(pk=message_id, due_at__lte=now).first()
    if message is None:
        return False
    if now >= message.expires_at:
        return _give_up(message, now, "expired")
    if message.purpose == Message.Purpose.REMINDER and not is_still_needed(message, now):
        return _give_up(message, now, "no longer needed")
    message.attempts += 1
    try:
        transport().send(message)
    except Exception as problem:  # a transport may raise anything
        return _later(message, now, problem)
    message.sent_at = timezone.now()
    message.body = ""  # it may hold a link that lets its bearer in
    message.save(update_fields=["attempts", "sent_at", "body"])
    return True


def _later(message: Message, now: dt.datetime, problem: Exception) -> bool:
    message.due_at = now + pause_after(message.attempts)
    message.save(update_fields=["attempts", "due_at"])
    # Only the kind of problem: its text names the recipient.
    log.warning("message not sent", **_named(message), problem=type(problem).__name__)
    return False


def _give_up(message: Message, now: dt.datetime, why: str) -> bool:
    message.given_up_at = now
    message.body = ""
    message.save(update_fields=["given_up_at", "body"])
    log.warning("message given up", **_named(message), why=why)
    return False


def _named(message: Message) -> dict[str, object]:
    return {
        "message": str(message.pk),
        "purpose": message.purpose,
        "attempts": message.attempts,
    }


def pause_after(attempts: int) -> dt.timedelta:
    """How long to wait after so many failed attempts; by chance up to half longer or shorter."""
    doubled: dt.timedelta = FIRST_PAUSE * 2 ** min(attempts - 1, 10)
    return min(doubled, LONGEST_PAUSE) * chance.uniform(0.5, 1.5)
