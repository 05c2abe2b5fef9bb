"""What is printed, and written into docs/ranking-proof.md: the worlds, and how the orders did."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.bench.ranking.losing import WORST, Loss, loss_of
from tests.bench.ranking.making import KINDS
from tests.bench.ranking.measuring import (
    ITS_BELIEF,
    ITS_ROUTE,
    KNOWS_AGAIN,
    KNOWS_THE_RATES,
    ORDERS,
    OURS,
    PARTS,
    Measured,
    make,
    measure,
    surely_better,
    trips_of,
)
from tests.bench.ranking.worlds import KIND_TRUTHS, World

PAGE = Path("docs/ranking-proof.md")
BEGIN, END = "<!-- written by make bench-ranking -->\n", "<!-- end -->\n"
GOAL = 1.30  # minutes of this ranking, as a ratio to the oracle's
SURE = 0.95  # share of resamples
GAP = [OURS, ITS_ROUTE, ITS_BELIEF, KNOWS_THE_RATES]
PLAIN = [order for order in ORDERS if not order.startswith((OURS, KNOWS_THE_RATES))]


@dataclass(frozen=True, slots=True)
class Judged:
    """A world, what each order came to in it, and how surely ours is better than each plain one."""

    world: World
    by_order: dict[str, Measured]
    oracle_minutes: float
    solvable: float
    sure: dict[str, float]
    loss: Loss

    @property
    def is_best(self) -> bool:
        """Whether this ranking beats every order that does not know more than it."""
        return all(self.by_order[OURS].ratio < self.by_order[other].ratio for other in PLAIN)

    @property
    def reaches_goal(self) -> bool:
        """Whether it comes as near the oracle as it should."""
        return self.by_order[OURS].ratio <= GOAL


def judge(world: World, *, towns: int, seed: int) -> Judged:
    """Make a world and send its searchers along every order."""
    made = make(world, towns=towns, seed=seed)
    trips = {order: trips_of(made, order) for order in [*ORDERS, *PARTS]}
    return Judged(
        world=world,
        by_order={order: measure(made, each) for order, each in trips.items()},
        oracle_minutes=float(made.oracle[made.solvable].mean()),
        solvable=float(made.solvable.mean()),
        sure={other: surely_better(made, trips[OURS], trips[other]) for other in PLAIN},
        loss=loss_of(made, trips[OURS]),
    )


def report(judged: list[Judged], *, towns: int, seed: int) -> str:
    """The page's part that follows from a run, as Markdown."""
    parts = [
        "## Minutes until served, as a ratio to the oracle's\n",
        f"{towns} towns a world, 5 searches each, seed {seed}; ± is one standard error.\n",
        _table(judged, [*ORDERS], lambda one: f"{one.ratio:.2f} ± {one.error:.2f}"),
        "\n## Where the gap lies\n",
        "This ranking, with one part taken from the order that knows the rates.\n",
        _table(judged, GAP, lambda one: f"{one.ratio:.2f}"),
        "\n## Where the loss lies\n",
        "Minutes that this ranking takes more than the oracle, and who carries them.\n",
        _losses(judged),
        _losses_by_kind(judged),
        "\n## Visits until served, and the share served in the end\n",
        "As a ratio to the oracle's: it goes to one door in every search.\n",
        _table(judged, [*ORDERS], lambda one: f"{one.visits:.2f}, {one.served:.1%}"),
        "\n## Minutes by the clock: waiting in full, and so for the oracle\n",
        _table(judged, [*ORDERS], lambda one: f"{one.clock_ratio:.2f}"),
        "\n## The goals\n",
        summary(judged),
        "\n## The worlds\n",
        _worlds(judged),
        "\n## The kinds of service, in every world\n",
        _kinds(),
    ]
    return "\n".join(parts)


def summary(judged: list[Judged]) -> str:
    """Whether each goal is met, in how many worlds, and what the limit is where it is not."""
    best = [one for one in judged if one.is_best]
    unsure = [
        f"{one.world.name} ({other}: {one.sure[other]:.0%} of resamples)"
        for one in judged
        for other in PLAIN
        if one.sure[other] < SURE
    ]
    missed = [one for one in judged if not one.reaches_goal]
    beyond = {
        order: sum(one.by_order[order].ratio > GOAL for one in missed)
        for order in (KNOWS_THE_RATES, KNOWS_AGAIN)
    }
    met = len(judged) - len(missed)
    lines = [
        f"- Better than every order that knows no more: in {len(best)} of {len(judged)} worlds; "
        f"less than {SURE:.0%} sure: {', '.join(unsure) or 'nowhere'}.",
        f"- At most {GOAL:.2f} × the oracle: in {met} of {len(judged)} worlds.",
        f"- In {beyond[KNOWS_THE_RATES]} of the other {len(missed)} the order that knows the rates "
        f"stays above that, too, before rounding; in {beyond[KNOWS_AGAIN]} if it is asked again.",
    ]
    return "\n".join(lines) + "\n"


def _table(judged: list[Judged], orders: list[str], cell: Callable[[Measured], str]) -> str:
    head = ["world", *orders]
    rows = [[one.world.name, *(cell(one.by_order[each]) for each in orders)] for one in judged]
    return _markdown(head, rows)


def _losses(judged: list[Judged]) -> str:
    head = ["world", "minutes lost, mean", *(f"worst {share:.0%} carry" for share in WORST)]
    head += ["lose less than a minute", "kind that loses most"]
    return _markdown(head, [[one.world.name, *_loss(one.loss)] for one in judged])


def _loss(loss: Loss) -> list[str]:
    most, all_lost = int(loss.by_kind.argmax()), loss.by_kind.sum()
    told = [f"{loss.mean:.1f}", *(f"{share:.0%}" for share in loss.worst)]
    told.append(f"{loss.under_a_minute:.0%}")
    return [*told, f"{KINDS[most].value}, {loss.by_kind[most] / all_lost:.0%}"]


def _losses_by_kind(judged: list[Judged]) -> str:
    lost = np.sum([one.loss.by_kind for one in judged], axis=0)
    searches = np.sum([one.loss.searches for one in judged], axis=0)
    rows = [
        [
            kind.value,
            f"{searches[n] / searches.sum():.0%}",
            f"{lost[n] / lost.sum():.0%}",
            f"{lost[n] / max(1, searches[n]):.1f}",
        ]
        for n, kind in enumerate(KINDS)
    ]
    head = ["kind, in all worlds", "of the searches", "of the loss", "minutes lost, mean"]
    return _markdown(head, rows)


def _worlds(judged: list[Judged]) -> str:
    head = ["world", "services", "searches", "staff report", "wrong", "odds", "alike", "pace"]
    head += ["chosen on", "oracle's minutes", "solvable"]
    rows = [
        [
            one.world.name,
            "8 within 60 km, by car" if one.world.rural else "30 within 12 km, by transit",
            "20:00–05:00" if one.world.night else "Mon–Fri 09:00–16:00",
            "as below, 15 % never" if one.world.diligent else "a seventh of it, 50 % never",
            f"{one.world.wrong:.0%}",
            f"{one.world.odds:g}",
            f"{one.world.alike:g}",
            f"{one.world.pace:g}",
            "yes" if one.world.tuned_on else "no",
            f"{one.oracle_minutes:.0f}",
            f"{one.solvable:.0%}",
        ]
        for one in judged
    ]
    return _markdown(head, rows)


def _kinds() -> str:
    head = ["kind", "half forgotten after, h", "reports a day", "searched for, of 100"]
    rows = [
        [kind.value, f"{truth.switch_hours:g}", f"{truth.reports_a_day:g}", f"{truth.searches:g}"]
        for kind, truth in KIND_TRUTHS.items()
    ]
    return _markdown(head, rows)


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def write(text: str) -> None:
    """Put the part that follows from a run into the page, between its two marks."""
    page = PAGE.read_text()
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(before + BEGIN + "\n" + text + "\n" + END + after)
