"""The sweep: candidates of the model, judged on worlds they were chosen on and on others."""

import numpy as np

from tests.bench.ranking.believing import BEFORE_LEARNING, PRODUCT, Model
from tests.bench.ranking.measuring import OURS, Made, make, measure, trips_of
from tests.bench.ranking.worlds import WORLDS

CANDIDATES: dict[str, Model] = {
    "before: kind's prior, fading evidence": BEFORE_LEARNING,
    "half-lives × 0.5": Model(half_life=0.5),
    "half-lives × 2": Model(half_life=2),
    "half-lives × 4": Model(half_life=4),
    "all weights × 0.5 (prior worth 4 reports)": Model(weight=0.5),
    "all weights × 2 (prior worth 1)": Model(weight=2),
    "all weights × 4 (prior worth 0.5)": Model(weight=4),
    "outreach × 0.5": Model(outreach=0.5),
    "outreach × 2": Model(outreach=2),
    "feeds × 0.5": Model(feed=0.5),
    "odds of priors × 0.5": Model(odds=0.5),
    "odds of priors × 1.5": Model(odds=1.5),
    "a report leaves 0.7 of older evidence": Model(kept=0.7),
    "a report leaves 0.4": Model(kept=0.4),
    "a report leaves nothing": Model(kept=0),
    "own chance, 15 days, prior worth 2": Model(memory_days=15),
    "own chance, 30 days, prior worth 1": Model(memory_days=30, memory_strength=1),
    "own chance, 30 days, prior worth 2": Model(memory_days=30),
    "own chance, 30 days, prior worth 4": Model(memory_days=30, memory_strength=4),
    "own chance, 60 days, prior worth 2": Model(memory_days=60),
    "own chance, 120 days, prior worth 2": Model(memory_days=120),
    "own chance, spaced by 0.5 half-lives": Model(memory_days=30, spacing=0.5),
    "own chance, spaced by 2 half-lives": Model(memory_days=30, spacing=2),
    "own chance, weights × 2": Model(memory_days=30, weight=2),
    "own chance, half-lives × 2": Model(memory_days=30, half_life=2),
    "own chance, a report leaves 0.4": Model(memory_days=30, kept=0.4),
    "Bayes' rule, evidence worth 8": Model(agreed=8),
    "own chance, Bayes' rule, evidence worth 8": Model(memory_days=30, agreed=8),
    "own chance, Bayes' rule, evidence worth 18": Model(memory_days=30, agreed=18),
    "forward filter": Model(filtered=True),
    "forward filter, half-lives × 2": Model(filtered=True, half_life=2),
    "own chance, forward filter": Model(memory_days=30, filtered=True),
    "own chance, forward filter, half-lives × 2": Model(memory_days=30, filtered=True, half_life=2),
    "the product": PRODUCT,
}
SEED_BESIDE = 1000  # the seed of worlds that numbers were not chosen on differs as well


def run_sweep(*, towns: int, seed: int) -> None:
    """Print each candidate's minutes, as a ratio to those before anything was learned."""
    ratios: dict[str, list[np.ndarray]] = {name: [] for name in CANDIDATES}
    for tuned_on in (True, False):
        at = seed if tuned_on else seed + SEED_BESIDE
        chosen = [world for world in WORLDS if world.tuned_on == tuned_on]
        rows: dict[str, list[float]] = {name: [] for name in CANDIDATES}
        for world in chosen:  # one at a time: a world fills hundreds of megabytes
            made = make(world, towns=towns, seed=at)
            for name, model in CANDIDATES.items():
                rows[name].append(_minutes(made, model))
        for name, row in rows.items():
            ratios[name].append(np.array(row) / np.array(rows[next(iter(rows))]))
    print("| candidate | worlds it was chosen on | other worlds | best, worst of these |")
    print("|---|---|---|---|")
    for name, (on, beside) in ratios.items():
        means = [float(np.exp(np.log(each).mean())) for each in (on, beside)]
        extremes = f"{beside.min():.2f}, {beside.max():.2f}"
        print(f"| {name} | {means[0]:.3f} | {means[1]:.3f} | {extremes} |")


def _minutes(made: Made, model: Model) -> float:
    return measure(made, trips_of(made, OURS, model)).ratio
