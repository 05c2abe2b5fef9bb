"""The project's settings, with the plain view beside our own."""

from locator.settings import *  # noqa: F403 - that is what it is

ROOT_URLCONF = "tests.bench.urls"

DATABASES["default"]["NAME"] = env.str("BENCH_DATABASE", default=DATABASES["default"]["NAME"])
