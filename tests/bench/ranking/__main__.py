"""``make bench-ranking``: what the ranking saves people, in worlds whose truth is known."""

import argparse
import os
from collections.abc import Callable

from tests.bench.setting_up import end_quietly

TOWNS, SEED = 1000, 1  # of the page in docs/: what other runs find is printed alone
LEAST_TOWNS, MOST_TOWNS = 10, 20_000  # fewer tell nothing; more need tens of gigabytes
LARGEST_SEED = 2**32


def main() -> None:
    """Run every world, print how each order did, and write docs/ranking-proof.md."""
    parser = argparse.ArgumentParser(
        prog="make bench-ranking", formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    towns, seeds = _whole(LEAST_TOWNS, MOST_TOWNS), _whole(0, LARGEST_SEED)
    parser.add_argument("--towns", type=towns, default=TOWNS, help="in each world")
    parser.add_argument("--seed", type=seeds, default=SEED, help="of the worlds")
    parser.add_argument("--sweep", action="store_true", help="compare candidates of the model")
    parser.add_argument("--print-only", action="store_true", help="leave the page as it is")
    chosen = parser.parse_args()

    end_quietly()
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "locator.settings")
    django.setup()
    if chosen.sweep:
        from tests.bench.ranking.sweep import run_sweep

        run_sweep(towns=chosen.towns, seed=chosen.seed)
        return
    _prove(towns=chosen.towns, seed=chosen.seed, write=not chosen.print_only)


def _whole(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(
                f"{text!r} is not a whole number from {least} to {most}"
            )
        return int(text)

    return number


def _prove(*, towns: int, seed: int, write: bool) -> None:
    from tests.bench.ranking import proof
    from tests.bench.ranking.worlds import WORLDS

    judged = []
    for world in WORLDS:
        judged.append(proof.judge(world, towns=towns, seed=seed))
        ratios = (f"{order} {one.ratio:.2f}" for order, one in judged[-1].by_order.items())
        print(f"{world.name}: {'; '.join(ratios)}", flush=True)
    text = proof.report(judged, towns=towns, seed=seed)
    print(f"\n{text}")
    if write and (towns, seed) == (TOWNS, SEED):
        proof.write(text)
        print(f"Written: {proof.PAGE}.")
    elif write:
        print(f"{proof.PAGE} stays as it is: it tells of {TOWNS} towns and seed {SEED}.")


if __name__ == "__main__":
    main()
