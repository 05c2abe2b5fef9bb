"""A crowd without accounts against one service, in short. The long form: ``make prove-abuse``."""

import itertools

import pytest

from services.vocabulary import Availability, Kind, Outcome
from tests.proofs.abuse.clock import moved_clock
from tests.proofs.abuse.trolls import Crowd, fading, vandalise

pytestmark = pytest.mark.django_db
ROUNDING = 0.005


def test_a_crowd_makes_minutes_grow_by_half_at_most_and_that_fades() -> None:
    with moved_clock() as clock:
        crowd = Crowd(clock, Kind.DETOX, people=10)
        vandalise(clock, crowd, half_lives=3, steps=1, tries=2)
        grown = fading(clock, crowd, half_lives=2)
    assert crowd.seen.changed == 0
    assert crowd.seen.stored == 1  # whatever headers they sent
    assert 1.2 < max(crowd.seen.ratios) <= 1.5 + ROUNDING
    for before, after in itertools.pairwise(grown):
        assert after == pytest.approx(before / 2, abs=ROUNDING)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [(Availability.AVAILABLE, Outcome.TURNED_AWAY), (Availability.FULL, Outcome.SERVED)],
)
def test_beside_a_fresh_report_of_the_clinic_a_crowd_moves_a_tenth(
    state: Availability, outcome: Outcome
) -> None:
    with moved_clock() as clock:
        crowd = Crowd(clock, Kind.DETOX, people=6)
        crowd.attack(outcome)
        clock.shift(crowd.half_life)
        crowd.clinic_reports(state)
        crowd.attack(outcome)
    assert crowd.seen.changed == 0
    assert crowd.seen.ratios[-1] <= 1.1 + ROUNDING
    assert crowd.seen.ratios[-1] != 1.0
