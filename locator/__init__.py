"""The Django project: settings, urls, wsgi, celery. Wiring only."""

from locator.celery import app as celery_app

__all__ = ["celery_app"]
