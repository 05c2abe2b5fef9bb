"""Django, as the programs of the benchmark need it."""

import os


def as_the_system() -> None:
    """Set Django up, and let this process do whatever it likes: it measures and fills databases."""
    import django

    from services.acting import this_process_is_the_system

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "locator.settings")
    this_process_is_the_system()
    django.setup()
