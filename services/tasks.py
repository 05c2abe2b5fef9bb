"""Celery's doors to the domain: each is thin, and safe to run twice."""

import uuid
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from services.delivery import deliver, deliver_due
from services.exchange.previews import forget_old
from services.health import beat
from services.holding import apply_due
from services.imports.problems import ImportProblemError
from services.imports.runs import accept
from services.models import ImportRun
from services.packs.round import build_due
from services.purging import purge_all
from services.reminders import remind_due

PACKS_STEP_S = 4.0


@shared_task
def beat_heart() -> None:
    """Say that workers are alive. Beat sends it, a worker runs it: it shows both."""
    beat()


@shared_task
def forget() -> dict[str, int]:
    """Forget whatever is over, as services.retention declares it; returns how much, by table."""
    return {name: gone for name, gone in purge_all(timezone.now()).items() if gone}


@shared_task
def apply_held_import(run_id: str) -> str:
    """Apply an import that waited for a person's word; returns what came of it.

    A run that was applied meanwhile is left alone.
    """
    run = ImportRun.objects.get(pk=run_id)
    if run.status != ImportRun.Status.HELD:
        return run.status
    try:
        return accept(run).status
    except ImportProblemError as problem:
        return str(problem)


@shared_task
def deliver_message(message_id: str) -> None:
    """Send one message of the outbox, at once. A hint: without it the next round sends it."""
    deliver(uuid.UUID(message_id))


@shared_task
def deliver_due_messages() -> int:
    """Send what waits in the outbox, whatever became of its hint; returns how many."""
    return deliver_due(timezone.now())


@shared_task
def remind_clinics() -> int:
    """Ask clinics about words that are going to expire; returns how many messages that makes."""
    return remind_due(timezone.now())


@shared_task
def apply_due_changes() -> int:
    """Apply held changes that waited a day; returns how many were decided."""
    return apply_due(timezone.now())


@shared_task
def forget_previews() -> int:
    """Delete files of listings that nobody applied within an hour; returns how many."""
    return forget_old()


@shared_task
def build_packs(began: str | None = None) -> int:
    """Build packs of regions that changed; returns how many regions. One worker at a time.

    A round goes in steps of some seconds: a worker that is told to stop need not wait for all.
    """
    now = datetime.fromisoformat(began) if began else timezone.now()
    found = build_due(now=now, budget_s=PACKS_STEP_S)
    if found.rest:
        build_packs.delay(now.isoformat())
    return len(found.built)
