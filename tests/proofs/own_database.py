"""A database of a proof's own in this checkout's cluster, for what runs in one process."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import django


@contextmanager
def own_database(name: str) -> Iterator[None]:
    """Be connected to an empty database, as the system, until the block ends."""
    from services.acting import this_process_is_the_system

    this_process_is_the_system()
    django.setup()
    from django.conf import settings
    from django.db import connections
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    setup_test_environment()
    settings.SECURE_SSL_REDIRECT = False
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    connections["default"].settings_dict["TEST"]["NAME"] = name
    with tempfile.TemporaryDirectory() as folder:
        settings.STATIC_ROOT = settings.INDEX_FOLDER = folder
        before = setup_databases(verbosity=0, interactive=False)
        try:
            yield
        finally:
            teardown_databases(before, verbosity=0)
