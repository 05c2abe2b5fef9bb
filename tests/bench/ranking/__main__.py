"""``make bench-ranking``: what the ranking saves people, in worlds whose truth is known."""

import argparse
import os


def main() -> None:
    """Run every world, print how each order did, and write docs/ranking-proof.md."""
    parser = argparse.ArgumentParser(prog="make bench-ranking")
    parser.add_argument("--towns", type=int, default=1000, help="in each world")
    parser.add_argument("--seed", type=int, default=1, help="of the worlds")
    parser.add_argument("--sweep", action="store_true", help="compare candidates of the model")
    parser.add_argument("--print-only", action="store_true", help="leave the page as it is")
    chosen = parser.parse_args()

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "locator.settings")
    django.setup()
    if chosen.sweep:
        from tests.bench.ranking.sweep import run_sweep

        run_sweep(towns=chosen.towns, seed=chosen.seed)
        return
    _prove(towns=chosen.towns, seed=chosen.seed, write=not chosen.print_only)


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
    if write:
        proof.write(text)


if __name__ == "__main__":
    main()
