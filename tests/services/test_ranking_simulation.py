"""The simulation that judges the ranking: it is fair, it repeats itself, and it uses our rules."""

import datetime as dt
import functools
import uuid

import numpy as np
import pytest

from services.evidence import Said, Visited, standing_of
from services.long_run import MEMORY, MOST_REPORTS, long_run_chance
from services.vocabulary import KIND_FACTS, Availability, Outcome
from tests.bench.ranking.believing import HALF_LIFE, PRIOR, WEIGHTS, folded, own_chances
from tests.bench.ranking.making import KINDS, next_flip
from tests.bench.ranking.measuring import ORDERS, OURS, Made, make, measure, trips_of
from tests.bench.ranking.telling import ANONYMOUS, ROLES, TOLD
from tests.bench.ranking.week import DAY, is_usable, next_usable
from tests.bench.ranking.worlds import ALWAYS, OFFICE, World

DENSE = World("small and dense")
START = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)  # a Monday


@functools.cache
def dense(seed: int = 1) -> Made:
    return make(DENSE, towns=40, seed=seed)


@pytest.mark.parametrize("order", ORDERS)
def test_nobody_beats_the_oracle_in_any_search(order: str) -> None:
    made = dense()
    trips = trips_of(made, order)
    assert (trips.minutes >= made.oracle - 1e-6)[made.solvable].all()
    assert (trips.clock_minutes >= made.oracle_clock - 1e-6)[made.solvable].all()
    assert (trips.visits >= 1).all()


def test_the_same_seed_gives_the_same_and_another_something_else() -> None:
    one, again, other = dense(), make(DENSE, towns=40, seed=1), dense(seed=2)
    assert measure(one, trips_of(one, OURS)) == measure(again, trips_of(again, OURS))
    assert measure(one, trips_of(one, OURS)) != measure(other, trips_of(other, OURS))


def test_this_ranking_beats_distance_in_a_small_dense_world() -> None:
    made = dense()
    ours, distance = (measure(made, trips_of(made, order)) for order in (OURS, "distance"))
    assert ours.ratio < distance.ratio
    assert ours.visits < distance.visits


def test_knowing_the_rates_is_better_still() -> None:
    made = dense()
    ideal, ours = (measure(made, trips_of(made, order)) for order in ("knows the rates", OURS))
    assert ideal.ratio < ours.ratio


def test_the_evidence_is_the_one_of_the_product() -> None:
    made = dense()
    kind = made.towns.kind[made.towns.town]
    evidence = folded(made.tellings, HALF_LIFE[kind], WEIGHTS, 1.0)
    for service in range(0, len(kind), 17):
        said, visited = told_of(made, service)
        standing = standing_of(KINDS[kind[service]], said, visited)
        for_, against, _ = evidence[service]
        assert standing.evidence_for == pytest.approx(for_, abs=1e-6)
        assert standing.evidence_against == pytest.approx(against, abs=1e-6)


def test_a_service_learns_as_in_the_product() -> None:
    made = dense()
    kind = made.towns.kind[made.towns.town]
    learned = own_chances(
        made.tellings, PRIOR[kind], HALF_LIFE[kind], MEMORY / dt.timedelta(minutes=1), 2.0
    )
    for service in range(0, len(kind), 17):
        said, _ = told_of(made, service)
        if len(said) <= MOST_REPORTS:
            own = long_run_chance(KINDS[kind[service]], said)
            own = PRIOR[kind[service]] if own is None else own
            assert own == pytest.approx(learned[service], abs=1e-6)


def told_of(made: Made, service: int) -> tuple[list[Said], list[Visited]]:
    """What the simulation tells of a service, as the product stores it."""
    said, visited = [], []
    for one in range(made.tellings.first[service], made.tellings.first[service + 1]):
        at = START + dt.timedelta(minutes=float(made.tellings.at[one]))
        what, remaining = TOLD[made.tellings.what[one]]
        role, id_ = ROLES[made.tellings.role[one]], uuid.UUID(int=one)
        if made.tellings.role[one] == ANONYMOUS:
            visited.append(Visited(at, id_, Outcome(what)))
        else:
            said.append(Said(at, id_, Availability(what), role, remaining))
    return said, visited


def test_services_can_serve_as_often_as_their_kind_and_differ() -> None:
    made = dense()
    for code, kind in enumerate(KINDS):
        chances = made.towns.chance[made.towns.kind[made.towns.town] == code]
        if len(chances) > 100:
            assert chances.mean() == pytest.approx(KIND_FACTS[kind].prior, abs=0.1)
            assert chances.std() > 0.1


def test_a_door_opens_next_when_its_hours_say() -> None:
    saturday, friday_evening = 5 * DAY, 4 * DAY + 16 * 60 + 50
    assert is_usable(ALWAYS, saturday)
    assert next_usable(OFFICE, saturday) == 7 * DAY + 9 * 60
    assert next_usable(OFFICE, friday_evening) == 7 * DAY + 9 * 60  # closes within 15 minutes
    assert next_usable(OFFICE, friday_evening - 5) == friday_evening - 5


def test_the_truth_goes_on_after_the_search() -> None:
    made = dense()
    ahead = [
        next_flip(made.truth, service, made.towns.at[made.towns.town[service]])
        for service in range(len(made.towns.town))
    ]
    assert np.isfinite(ahead).mean() > 0.1
