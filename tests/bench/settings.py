"""The project's settings, with the views it is compared with beside our own."""

from locator.settings import *  # noqa: F403 - that is what it is

ROOT_URLCONF = "tests.bench.urls"
INSTALLED_APPS += ["rest_framework_gis"]
