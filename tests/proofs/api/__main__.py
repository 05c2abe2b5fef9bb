"""``make prove-api``: 20,000 requests as each role, and some that are hardly requests at all."""

import os
import secrets
import sys
import time
from collections.abc import Mapping

import django
from checkout import checkout_here
from django.core.management import call_command

from services.acting import this_process_is_the_system
from tests.proofs.api.plan import LONG, plan_of
from tests.proofs.api.sockets import REQUESTS, sent
from tests.proofs.sync.home import Home, home_of
from tests.proofs.table import Table, end


def main() -> None:
    """Both parts; exit code 1 if a promise does not hold.

    A first number is what the requests follow from: the same number, the same requests. A second is
    how many there are.
    """
    given = [int(word) for word in sys.argv[1:]]
    begin = given[0] if given else secrets.randbelow(1_000_000)
    total = given[1] if given[1:] else LONG
    with home_of(checkout_here(os.environ), "prove-api") as home:
        _connect(home.settings)
        kept = _prove_document(begin, total)
        home.start_programs()
        kept &= _prove_sockets(home)
    end(kept=kept, otherwise=f" Again: ARGS={begin}")


def _connect(settings: Mapping[str, str]) -> None:
    """Let this process use the proof's own servers."""
    os.environ.update(settings)
    this_process_is_the_system()
    django.setup()
    from django.conf import settings as read

    read.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # no slow one
    call_command("migrate", verbosity=0)


def _prove_document(begin: int, total: int) -> bool:
    from tests.proofs.api.run import ask_all, operations
    from tests.proofs.api.verdict import show_counts, show_wrong, verdict
    from tests.proofs.api.world import a_known_world

    asked = operations()
    plan = plan_of(total, list(asked))
    print(f"{total:,} requests to {len(asked)} operations, which follow from {begin} …", flush=True)
    began = time.monotonic()
    seen = ask_all(asked.values(), plan, a_known_world(), begin=begin)
    show_counts(seen)
    show_wrong(seen)
    table = verdict(seen, plan)
    table.figure("took, s", f"{time.monotonic() - began:.0f}")
    return table.show("The API, asked by machine")


def _prove_sockets(home: Home) -> bool:
    """Nothing that is hardly HTTP brings the server down, or out of step."""
    from tests.proofs.api.sockets import KINDS

    table = Table()
    for name, request in REQUESTS.items():
        answered = sent(home.port, request)
        alive = sent(home.port, KINDS + b"Connection: close\r\n\r\n").status == 200
        table.promise(name, answered.status or "hung up", held=answered.is_right and alive)
    return table.show("Broken requests, byte by byte; after each the server answers on")


if __name__ == "__main__":
    main()
