"""Celery's doors to the domain: each is thin, and safe to run twice."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from services.health import beat
from services.imports.problems import ImportProblemError
from services.imports.runs import accept
from services.models import Change, ImportRun

CHANGES_KEPT = timedelta(days=90)  # a phone that was away for longer takes a whole pack


@shared_task
def beat_heart() -> None:
    """Say that workers are alive. Beat sends it, a worker runs it: it shows both."""
    beat()


@shared_task
def prune_changes() -> int:
    """Forget changes older than 90 days; returns how many."""
    oldest = timezone.now() - CHANGES_KEPT
    deleted, _by_model = Change.objects.filter(changed_at__lt=oldest).delete()
    return deleted


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
