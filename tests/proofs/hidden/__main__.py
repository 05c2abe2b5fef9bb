"""``make prove-hidden``: the long form, in a database of its own in this checkout's cluster."""

import time

from tests.proofs.own_database import own_database
from tests.proofs.table import Table, end

SEARCHES, ASKED = 36_000, 3_600  # a third of the answers are near enough to name the site
CHAINS = 100
NEAR_M = 1_000.0


def main() -> None:
    """Both parts; exit code 1 if a promise does not hold."""
    with own_database("locator_hidden"):
        kept = prove_canaries() & prove_places()
    end(kept=kept)


def prove_canaries() -> bool:
    """No answer to anybody without a right holds a hidden address or point."""
    from tests.proofs.hidden.walk import hits_by_words, walk
    from tests.proofs.hidden.world import a_hidden_world

    table = Table()
    for visibility in ("approximate", "phone_only"):
        hidden = a_hidden_world(visibility)
        found = walk(hidden, rows=12)
        for where, number in sorted(found.searched.items()):
            table.figure(f"{visibility}: answers searched, {where}", number)
        told = len(set(hits_by_words(hidden, "other_admin").values()))
        table.promise(f"{visibility}: found in them", found.leaks or 0, held=not found.leaks)
        table.promise(f"{visibility}: answers to a search by hidden words", told, held=told == 1)
        _forget()
    return table.show("Canary addresses and points of hidden sites")


def prove_places() -> bool:
    """What measuring, ordering and watching for long come to."""
    from tests.proofs.hidden import attacks

    table, began = Table(), time.monotonic()
    target = attacks.a_target()
    attacker = attacks.Attacker(target)
    seen, asked = attacker.search(SEARCHES), attacker.search(ASKED, "verify")
    taken = time.monotonic() - began
    table.figure(
        "answers that named it, to searches and to verify",
        f"{len(seen.origins):,}, {len(asked.origins):,}",
    )
    table.figure("which took, s", f"{taken:.0f}")
    for name, one, metres in (
        ("distances", seen, seen.metres),
        ("minutes", seen, attacks.metres_of_minutes(seen.minutes)),
        ("order among known neighbours", seen, seen.by_order),
        ("verify", asked, asked.metres),
    ):
        missed = attacks.metres_to(attacks.located(one.origins, metres), attacks.HERE)
        table.promise(
            f"least squares by {name} misses by, m", f"{missed:,.0f}", held=missed >= NEAR_M
        )
    _watched(table)
    return table.show("The place of an approximate site, attacked")


def _watched(table: Table) -> None:
    """Sites that hide, show themselves, go to and fro, and drift."""
    import numpy as np

    from tests.builders import a_site
    from tests.proofs.hidden.attacks import HERE, metres_to, middle, shown_through

    random, still, to_and_fro, drifted = np.random.default_rng(7), [], [], []
    for _ in range(CHAINS // 5):
        site = a_site(*HERE, visibility="approximate")
        small = [(float(n), float(e)) for n, e in random.uniform(-90, 90, (20, 2))]
        still.append(len(set(shown_through(site, [(0.0, 0.0)] * 5 + small))))
        north, east = (float(one) for one in random.uniform(4_000, 9_000, 2))
        seen = shown_through(site, [(north, east), (0.0, 0.0)] * 5)
        to_and_fro.append(metres_to(middle(seen[1::2]), HERE))
    for _ in range(CHAINS):
        drifted.append(_drift(float(random.uniform(0, 2 * np.pi))))
    table.promise(
        "points shown by hiding and small moves, at most", max(still), held=max(still) == 1
    )
    least = min(to_and_fro)
    table.promise(
        "mean of points after going to and fro misses by, m", f"{least:,.0f}", held=least >= NEAR_M
    )
    least = min(drifted)
    table.promise(
        "mean of points after drifting misses by, least m",
        f"{least:,.0f}",
        held=least >= NEAR_M * 0.99,
    )


def _drift(turn: float) -> float:
    import numpy as np

    from tests.builders import a_site
    from tests.proofs.hidden.attacks import HERE, misses_of_means, shown_through

    site = a_site(*HERE, visibility="approximate")
    north, east = 400.0 * float(np.cos(turn)), 400.0 * float(np.sin(turn))
    moves = [(n * north, n * east) for n in range(18)]
    return min(misses_of_means(shown_through(site, moves), moves), default=NEAR_M * 9)


def _forget() -> None:
    from django.apps import apps
    from django.db import connection

    from services.index import live_index

    tables = ", ".join(one._meta.db_table for one in apps.get_app_config("services").get_models())
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} CASCADE")
    live_index.forget()


if __name__ == "__main__":
    main()
