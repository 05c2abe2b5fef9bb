"""The project as it is served, with other settings."""

import datetime as dt
import os

from django.utils import timezone

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"

if ahead := os.environ.get("BENCH_AHEAD_SECONDS"):  # served at another hour of the day
    _now, _ahead = timezone.now, dt.timedelta(seconds=float(ahead))
    timezone.now = lambda: _now() + _ahead

from locator.wsgi import application

__all__ = ["application"]
