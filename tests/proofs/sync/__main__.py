"""``make prove-sync``: 100,000 changes under 16 writers, and 10,000 reports through 50 kills."""

import os
import sys
from collections.abc import Mapping

import django
from checkout import checkout_here
from django.core.management import call_command

from tests.proofs.sync.home import home_of
from tests.proofs.table import end

CONNECTIONS = 60  # of this process: writers and pullers have one each


def main() -> None:
    """Both parts, or the one that is named; exit code 1 if a promise does not hold."""
    parts = sys.argv[1:] or ["log", "phones"]
    kept = True
    with home_of(checkout_here(os.environ)) as home:
        connect(home.settings)
        from tests.proofs.sync.long_log import prove_log
        from tests.proofs.sync.long_phones import prove_phones

        if "log" in parts:
            kept &= prove_log(home)
        if "phones" in parts:
            kept &= prove_phones(home)
    end(kept=kept)


def connect(settings: Mapping[str, str]) -> None:
    """Let this process use the proof's own servers, with as many connections as it has threads."""
    os.environ.update(settings)
    from services.acting import this_process_is_the_system

    this_process_is_the_system()
    django.setup()
    from django.conf import settings as read
    from django.db import connection

    read.DATABASES["default"]["OPTIONS"]["pool"]["max_size"] = CONNECTIONS
    connection.settings_dict["OPTIONS"]["pool"]["max_size"] = CONNECTIONS
    call_command("migrate", verbosity=0)


if __name__ == "__main__":
    main()
