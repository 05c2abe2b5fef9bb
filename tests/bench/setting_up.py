"""Django, as the programs of the benchmark need it."""

import os
import signal
import sys

TOLD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOPPED = 130  # as shells say of what Ctrl-C ended


def end_quietly() -> None:
    """When told to stop clear away, once, and end, without a word of where the program just was."""

    def told_already(*_: object) -> None:
        """Not ignored: of a signal that waits by now Python would say so, with a traceback."""

    def end(*_: object) -> None:
        for number in TOLD:
            signal.signal(number, told_already)
        sys.exit(STOPPED)

    for number in TOLD:
        signal.signal(number, end)


def as_the_system() -> None:
    """Set Django up, and let this process do whatever it likes: it measures and fills databases."""
    import django

    from services.acting import this_process_is_the_system

    end_quietly()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "locator.settings")
    this_process_is_the_system()
    django.setup()
