"""A process that crashes leaves no copy of its memory on disk: there may be searches in it."""

import resource


def never_dump_core() -> None:
    """Have the system write nothing down, whatever the limits it was started with."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
