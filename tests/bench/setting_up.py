"""Django, as the programs of the benchmark need it."""

import os
import signal
import sys

STOPPED = 130  # as shells say of what Ctrl-C ended


def end_quietly() -> None:
    """On Ctrl-C clear away and end, without a word of where the program just was."""
    signal.signal(signal.SIGINT, lambda *_: sys.exit(STOPPED))


def as_the_system() -> None:
    """Set Django up, and let this process do whatever it likes: it measures and fills databases."""
    import django

    from services.acting import this_process_is_the_system

    end_quietly()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "locator.settings")
    this_process_is_the_system()
    django.setup()
