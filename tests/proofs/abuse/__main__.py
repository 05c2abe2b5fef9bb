"""``make prove-abuse``: a crowd for days, a stolen account, limits past their end."""

import os

import django
from checkout import checkout_here
from django.core.management import call_command

from services.acting import this_process_is_the_system
from tests.proofs.sync.home import Home, home_of
from tests.proofs.table import Table, end

PEOPLE = 50


def main() -> None:
    """All parts; exit code 1 if a promise does not hold."""
    checkout = checkout_here(os.environ)
    with home_of(checkout, "abuse") as home:
        os.environ.update(home.settings)
        this_process_is_the_system()
        django.setup()
        call_command("migrate", verbosity=0)
        from django.test.utils import setup_test_environment

        setup_test_environment()
        kept = [_limits(home), _slow(home), _trolls(), _stolen()]
    end(kept=all(kept))


def _limits(home: Home) -> bool:
    from tests.proofs.abuse.counting import prove_counting
    from tests.proofs.abuse.proxied import prove_proxied

    table = Table()
    prove_counting(table, str(home.redis.socket))
    prove_proxied(table, home.cluster.checkout.root, home.folder / "proxy")
    return table.show("Limits without addresses")


def _slow(home: Home) -> bool:
    from tests.proofs.abuse.slow import prove_slow_bodies

    table = Table()
    prove_slow_bodies(table, home)
    return table.show("Bodies that never come whole")


def _trolls() -> bool:
    from tests.proofs.abuse.long_trolls import prove_trolls

    table = Table()
    prove_trolls(table, PEOPLE)
    return table.show(f"{PEOPLE} people without accounts against one service")


def _stolen() -> bool:
    from tests.proofs.abuse.attacks import ATTACKS
    from tests.proofs.abuse.stolen import came_of, close_everything

    table = Table()
    for attack in ATTACKS:
        came = came_of(attack)
        words = ", ".join([*came.harm, *(f"left: {one}" for one in came.left)]) or "contained"
        held = not came.harm and not came.left and came.held > 0
        name = attack.__name__.replace("_", " ")
        table.promise(name, f"{words}; held {came.held}, undone by one action", held=held)
    for by_reports, name in ((False, "close all for a time"), (True, "report all closed")):
        closed, letters, left = close_everything(by_reports=by_reports)
        table.promise(
            f"{name} (counts at once, ADR 10)",
            f"{closed} closed, {letters} letter to the others, {len(left)} left after one action",
            held=letters > 0 and not left,
        )
    return table.show("A stolen clinic account")


if __name__ == "__main__":
    main()
