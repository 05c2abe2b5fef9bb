"""Celery: work outside a request. Tasks carry opaque ids only."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_ready

from services.acting import this_process_is_the_system

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "locator.settings")

app = Celery("locator")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def work_as_the_system(**_: Any) -> None:
    """What a worker does, it does on no account's behalf. A web process sends tasks only."""
    from services.walls import take_the_role_away  # noqa: PLC0415 - settings are there by now

    this_process_is_the_system()
    take_the_role_away()


@worker_ready.connect
def build_packs_at_the_start(**_: Any) -> None:
    """Beat's first order would come after its interval; by then phones may ask for packs."""
    app.send_task("services.tasks.build_packs", expires=600)
