"""What a process writes by itself when something goes wrong: nothing of anybody who searched."""

import contextlib
import io
import logging
import subprocess
import sys

from django.conf import settings
from django.core import mail

from locator.logs import logging_of


def test_no_crash_is_mailed() -> None:
    """Django's own logger would send settings, cookies and bodies to ADMINS."""
    assert logging_of("text")["loggers"]["django"]["handlers"] == []
    settings.ADMINS = [("Whoever is called at night", "admin@localhost")]
    try:
        logging.getLogger("django").error("at 39.952583")
        logging.getLogger("django.template").error("at 39.952583")
    finally:
        settings.ADMINS = []
    assert mail.outbox == []


def test_a_line_that_cannot_be_written_is_not_told_elsewhere() -> None:
    said = io.StringIO()
    closed = io.StringIO()
    closed.close()
    handler = logging.StreamHandler(closed)
    record = logging.LogRecord("any", logging.ERROR, __file__, 1, "at %s", ("39.952583",), None)
    with contextlib.redirect_stderr(said):
        handler.handle(record)
    assert said.getvalue() == ""


def test_a_process_that_crashes_leaves_no_copy_of_its_memory() -> None:
    lines = [
        "import resource",
        "from locator.core_dumps import never_dump_core",
        "never_dump_core()",
        "print(resource.getrlimit(resource.RLIMIT_CORE))",
    ]
    # The package itself starts Celery, which this needs not.
    words = [sys.executable, "-c", "\n".join(lines)]
    said = subprocess.run(words, capture_output=True, text=True, check=True)  # noqa: S603
    assert said.stdout == "(0, 0)\n"
