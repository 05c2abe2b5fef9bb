"""Fifty people against one service for days, each trying more often than they may."""

import itertools

from services.index import live_index
from services.vocabulary import Availability, Kind, Outcome
from tests.proofs.abuse.clock import moved_clock
from tests.proofs.abuse.trolls import Crowd, fading, vandalise
from tests.proofs.table import Table

HALF, TENTH, ROUNDING = 1.5, 1.1, 0.005
DAYS_OF_HALF_LIVES = 8  # of six hours: two days


def prove_trolls(table: Table, people: int) -> None:
    """A service that nobody speaks for; then beside each word of its clinic."""
    with moved_clock() as clock:
        crowd = Crowd(clock, Kind.DETOX, people)
        vandalise(clock, crowd, half_lives=DAYS_OF_HALF_LIVES, steps=3, tries=1)
        _judge(table, crowd, "two days, nobody else speaks", HALF)
        grown = fading(clock, crowd, 3)
        halves = all(abs(b - a / 2) <= ROUNDING for a, b in itertools.pairwise(grown))
        told = " → ".join(f"{100 * one:.1f} %" for one in grown)
        table.promise("left of it after each half-life", told, held=halves)
    for state in (Availability.AVAILABLE, Availability.LIMITED, Availability.WAITLIST,
                  Availability.FULL):  # fmt: skip
        _beside_the_clinic(table, state, people)
    live_index.forget()


def _judge(table: Table, crowd: Crowd, what: str, most: float) -> None:
    seen = crowd.seen
    table.promise(
        f"{what}: expected minutes, at most",
        f"x {max(seen.ratios):.3f} ({100 * (max(seen.ratios) - 1):.0f} % more)",
        held=max(seen.ratios) <= most + ROUNDING,
    )
    table.promise(
        "looks at which the shown state was another",
        f"{seen.changed} of {seen.looks}; {seen.refused} tries refused",
        held=seen.changed == 0 and seen.stored <= 1,
    )


def _beside_the_clinic(table: Table, state: Availability, people: int) -> None:
    with moved_clock() as clock:
        crowd = Crowd(clock, Kind.DETOX, people)
        crowd.attack(Outcome.TURNED_AWAY)
        clock.shift(crowd.half_life)
        crowd.clinic_reports(state)
        crowd.seen.ratios.clear()
        crowd.attack(Outcome.TURNED_AWAY)
        _judge(table, crowd, f"beside a fresh “{state}” of the clinic", TENTH)
