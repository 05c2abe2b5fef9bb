"""The ranking functions: each part alone, and the properties the order must keep."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import ranking
from services.vocabulary import KIND_FACTS, Availability

minutes = st.floats(0, 4000)
chances = st.floats(0, 1)
weights = st.floats(0, 100)


def test_transit_takes_five_minutes_and_a_fifth_for_a_kilometre() -> None:
    assert ranking.travel_minutes(1000, ranking.SPEED_KMH["transit"]) == pytest.approx(5.2)


def test_a_report_weighs_half_after_a_half_life() -> None:
    assert ranking.fade(0, 360) == 1
    assert ranking.fade(360, 360) == 0.5
    assert ranking.fade(-5, 360) == 1


def test_without_evidence_the_chance_is_the_prior() -> None:
    assert ranking.success_chance(0.3, 0, 0, 1) == pytest.approx(0.3)


def test_a_fresh_clinic_report_outweighs_the_prior() -> None:
    available = ranking.success_chance(0.3, 8 * 0.9, 8 * 0.1, 1)
    assert available == pytest.approx((2 * 0.3 + 7.2) / 10)
    assert ranking.success_chance(0.3, 8 * 0.02, 8 * 0.98, 1) < 0.1


@pytest.mark.parametrize(
    ("weekday", "hour", "chance"),
    [(0, 9, 0.85), (4, 16, 0.85), (4, 17, 0.25), (0, 8, 0.25), (5, 12, 0.25), (6, 12, 0.25)],
)
def test_a_door_of_unknown_hours_is_likelier_open_in_office_hours(
    weekday: int, hour: int, chance: float
) -> None:
    assert ranking.chance_open_by_clock(weekday, hour) == chance


def test_an_opening_beyond_three_days_is_none() -> None:
    assert ranking.wait_and_chance_open(10, 72 * 60) == (72 * 60 - 10, 1.0)
    assert ranking.wait_and_chance_open(10, 72 * 60 + 1) == (72 * 60, 0.02)
    assert ranking.wait_and_chance_open(10, math.inf) == (72 * 60, 0.02)


def test_the_chance_has_a_floor() -> None:
    assert ranking.expected_minutes(10, 0, 0, 0.9) == pytest.approx(20 / 0.02)


@pytest.mark.parametrize(
    ("state", "remaining", "share"),
    [
        ("available", None, 0.9),
        ("available", 3, 0.75),
        ("limited", None, 0.6),
        ("waitlist", 2, 0.1),
        ("full", None, 0.02),
        ("closed_temporarily", None, None),
    ],
)
def test_success_share(state: str, remaining: int | None, share: float | None) -> None:
    assert ranking.success_share(state, remaining) == share


def test_every_state_but_unknown_and_closed_has_a_share() -> None:
    silent = {s for s in Availability.values if ranking.success_share(s, None) is None}
    assert silent == {"unknown", "closed_temporarily"}


@given(minutes, minutes, minutes, chances, chances, chances, chances)
def test_nearer_sooner_and_likelier_never_cost_more(  # noqa: PLR0917 - drawn at random
    travel: float,
    wait: float,
    more: float,
    open_: float,
    served: float,
    more_open: float,
    more_served: float,
) -> None:
    cost = ranking.expected_minutes.py_func(travel, wait, open_, served)
    assert cost <= ranking.expected_minutes.py_func(travel + more, wait, open_, served)
    assert cost <= ranking.expected_minutes.py_func(travel, wait + more, open_, served)
    assert cost >= ranking.expected_minutes.py_func(travel, wait, max(open_, more_open), served)
    assert cost >= ranking.expected_minutes.py_func(travel, wait, open_, max(served, more_served))


@given(minutes, minutes, st.one_of(minutes, st.just(math.inf)))
def test_coming_nearer_never_makes_a_known_door_worse(
    travel: float, more: float, opening: float
) -> None:
    """An earlier arrival finds a usable moment no later, so it never costs more."""
    near_usable, far_usable = max(travel, opening), max(travel + more, opening)
    costs = []
    for arrival, usable in ((travel, near_usable), (travel + more, far_usable)):
        wait, open_ = ranking.wait_and_chance_open.py_func(arrival, usable)
        costs.append(ranking.expected_minutes.py_func(arrival, wait, open_, 0.5))
    assert costs[0] <= costs[1] * (1 + 1e-12)


@given(st.sampled_from(sorted(KIND_FACTS)), weights, weights, chances)
def test_the_chance_stays_a_chance(kind: str, pro: float, contra: float, fade: float) -> None:
    prior = KIND_FACTS[kind].prior  # type: ignore[index]
    assert 0 < ranking.success_chance.py_func(prior, pro, contra, fade) < 1


reports = st.lists(
    st.tuples(st.sampled_from([8.0, 4.0, 0.25]), chances, st.floats(0, 60 * 24 * 30)),
    min_size=1,
    max_size=30,
)


@given(reports, st.randoms(use_true_random=False))
def test_evidence_does_not_depend_on_the_order_of_arrival(
    seen: list[tuple[float, float, float]],
    dice: random.Random,
) -> None:
    def evidence(in_order: list[tuple[float, float, float]]) -> tuple[float, float, float | None]:
        total: tuple[float, float, float | None] = (0.0, 0.0, None)
        for report in in_order:
            total = ranking.add_evidence(total, report, 360.0)
        return total

    shuffled = list(seen)
    dice.shuffle(shuffled)
    assert evidence(shuffled) == pytest.approx(evidence(seen), abs=1e-9)


@given(minutes, minutes, chances, chances)
def test_compiled_and_uncompiled_agree(
    travel: float, wait: float, open_: float, served: float
) -> None:
    compiled = ranking.expected_minutes(travel, wait, open_, served)
    assert compiled == pytest.approx(ranking.expected_minutes.py_func(travel, wait, open_, served))
