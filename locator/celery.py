"""Celery: work outside a request. Tasks carry opaque ids only."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "locator.settings")

app = Celery("locator")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
