"""Celery: work outside a request. Tasks carry opaque ids only."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "locator.settings")

app = Celery("locator")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def build_packs_at_the_start(**_: Any) -> None:
    """Beat's first order would come after its interval; by then phones may ask for packs."""
    app.send_task("services.tasks.build_packs", expires=600)
