"""The project as it is served, with other settings."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"

from locator.wsgi import application

__all__ = ["application"]
