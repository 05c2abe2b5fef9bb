"""What reports and outcomes come to: the order does not matter, and nobody anonymous flips it."""

import datetime as dt
import itertools
import uuid
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence import HALF_LIVES, Said, Standing, Visited, standing_of
from services.ranking import expected_minutes, fade, success_chance, success_share
from services.vocabulary import KIND_FACTS, Availability, Kind, Outcome, Reporter

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
WEIGHTS = {Reporter.CLINIC_STAFF: 8.0, Reporter.OUTREACH: 4.0, Reporter.FEED: 4.0}
every_kind = pytest.mark.parametrize("kind", Kind)

moments = st.integers(0, 60).map(lambda quarters: NOW - quarters * dt.timedelta(minutes=15))
reports = st.builds(
    Said,
    observed_at=moments,  # few of them, so that many are equal
    id=st.uuids(),
    state=st.sampled_from([state for state in Availability if state != Availability.UNKNOWN]),
    reporter=st.sampled_from(sorted(WEIGHTS)),
    remaining=st.none() | st.integers(1, 9),
)
outcomes = st.builds(Visited, moments, st.uuids(), st.sampled_from(Outcome))


def said(
    state: Availability = Availability.AVAILABLE,
    *,
    ago: dt.timedelta = dt.timedelta(0),
    reporter: Reporter = Reporter.CLINIC_STAFF,
) -> Said:
    return Said(NOW - ago, uuid.uuid4(), state, reporter)


def visited(outcome: Outcome, *, ago: dt.timedelta = dt.timedelta(0)) -> Visited:
    return Visited(NOW - ago, uuid.uuid4(), outcome)


def chance(kind: Kind, standing: Standing, at: dt.datetime, *, prior: float | None = None) -> float:
    facts = KIND_FACTS[kind]
    age = (at - standing.evidence_at).total_seconds() / 60 if standing.evidence_at else 0.0
    left = fade.py_func(age, facts.half_life.total_seconds() / 60)
    evidence = standing.evidence_for, standing.evidence_against
    prior = facts.prior if prior is None else prior
    return float(success_chance.py_func(prior, *evidence, left))


@given(st.data(), st.sampled_from(Kind), st.lists(reports), st.lists(outcomes))
def test_the_order_of_arrival_does_not_matter(
    data: st.DataObject, kind: Kind, told: list[Said], visits: list[Visited]
) -> None:
    one = standing_of(kind, told, visits)
    other = standing_of(kind, data.draw(st.permutations(told)), data.draw(st.permutations(visits)))
    assert (one.word, one.disputed, one.evidence_at) == (
        other.word,
        other.disputed,
        other.evidence_at,
    )
    assert chance(kind, one, NOW) == pytest.approx(chance(kind, other, NOW), abs=1e-9)


@given(st.sampled_from(Kind), st.lists(reports))
def test_the_chance_is_the_one_of_the_formula(kind: Kind, told: list[Said]) -> None:
    facts, for_, against = KIND_FACTS[kind], 0.0, 0.0
    for report in told:
        if (share := success_share(report.state, report.remaining)) is not None:
            weight = WEIGHTS[report.reporter] * 0.5 ** (
                (NOW - report.observed_at) / facts.half_life
            )
            for_, against = for_ + weight * share, against + weight * (1 - share)
    by_hand = (2 * facts.prior + for_) / (2 + for_ + against)
    assert chance(kind, standing_of(kind, told, []), NOW) == pytest.approx(by_hand, abs=1e-9)


@given(st.sampled_from(Kind), st.lists(reports, min_size=1), st.lists(outcomes), reports)
def test_a_late_report_never_speaks_before_a_newer_one(
    kind: Kind, told: list[Said], visits: list[Visited], late: Said
) -> None:
    before = standing_of(kind, told, visits).word
    after = standing_of(kind, [*told, late], visits).word
    assert before is not None
    newer = (late.observed_at, late.id) > (before.observed_at, before.id)
    assert after == (late if newer else before)


@given(st.sampled_from(Kind), st.lists(reports), st.lists(outcomes))
def test_anonymous_outcomes_never_change_the_word(
    kind: Kind, told: list[Said], visits: list[Visited]
) -> None:
    assert standing_of(kind, told, visits).word == standing_of(kind, told, []).word


@given(st.sampled_from(Kind), st.lists(outcomes, max_size=60), moments)
def test_outcomes_together_never_weigh_more_than_one(
    kind: Kind, visits: list[Visited], at: dt.datetime
) -> None:
    told_by_then = [visit for visit in visits if visit.received_at <= at]
    standing = standing_of(kind, [], told_by_then)
    assert standing.evidence_for + standing.evidence_against <= 1 + 1e-9


def minutes(kind: Kind, standing: Standing, at: dt.datetime) -> float:
    return float(expected_minutes.py_func(20.0, 0.0, 1.0, chance(kind, standing, at)))


def minutes_with(prior: float, kind: Kind, standing: Standing, at: dt.datetime) -> float:
    served = chance(kind, standing, at, prior=prior)
    return float(expected_minutes.py_func(20.0, 0.0, 1.0, served))


def fifty(kind: Kind, spread: Callable[[int], dt.timedelta]) -> list[Visited]:
    """Fifty identities that want a service to look bad."""
    return [visited(Outcome.TURNED_AWAY, ago=spread(number)) for number in range(50)]


@every_kind
@pytest.mark.parametrize("in_half_lives", [0.0, 0.01, 0.25, 1.0])
def test_fifty_people_raise_the_minutes_by_half_at_most(kind: Kind, in_half_lives: float) -> None:
    half_life = KIND_FACTS[kind].half_life
    visits = fifty(kind, lambda number: number * in_half_lives * half_life)
    honest, attacked = standing_of(kind, [], []), standing_of(kind, [], visits)
    growth = minutes(kind, attacked, NOW) / minutes(kind, honest, NOW) - 1
    assert 0 < growth <= 0.5 + 1e-9


@every_kind
def test_beside_a_fresh_report_of_the_clinic_they_raise_them_by_a_tenth_at_most(kind: Kind) -> None:
    visits = fifty(kind, lambda _number: dt.timedelta(0))
    for state in (Availability.AVAILABLE, Availability.LIMITED, Availability.WAITLIST):
        honest, attacked = (standing_of(kind, [said(state)], told) for told in ([], visits))
        growth = minutes(kind, attacked, NOW) / minutes(kind, honest, NOW) - 1
        assert 0 <= growth <= 0.1 + 1e-9
        assert attacked.word == honest.word or (attacked.word and attacked.word.state == state)


@every_kind
def test_the_effect_halves_with_every_half_life(kind: Kind) -> None:
    half_life = KIND_FACTS[kind].half_life
    visits = fifty(kind, lambda _number: dt.timedelta(0))
    honest, attacked = standing_of(kind, [], []), standing_of(kind, [], visits)
    effects = [
        minutes(kind, attacked, NOW + n * half_life) / minutes(kind, honest, NOW) - 1
        for n in range(5)
    ]
    for before, after in itertools.pairwise(effects):
        assert after == pytest.approx(before / 2, rel=1e-6)


def test_four_outcomes_weigh_as_much_as_fifty() -> None:
    four, many = (
        standing_of(Kind.DETOX, [], [visited(Outcome.SERVED) for _ in range(count)])
        for count in (4, 50)
    )
    assert four.evidence_for == many.evidence_for == 1.0


@pytest.mark.parametrize("outcome", [Outcome.CLOSED, Outcome.WRONG_INFO])
def test_what_says_nothing_of_chances_weighs_nothing(outcome: Outcome) -> None:
    standing = standing_of(Kind.DETOX, [], [visited(outcome) for _ in range(5)])
    assert standing == Standing(None, 0.0, 0.0, None, disputed=False)


MINUTE = dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("told", "visits", "disputed"),
    [
        ([], 1, False),
        ([], 2, True),
        ([said(ago=2 * MINUTE)], 2, True),
        ([said(ago=-MINUTE)], 2, False),
        ([said(ago=2 * MINUTE), said(ago=-MINUTE, reporter=Reporter.FEED)], 2, True),
        ([said(ago=2 * MINUTE), said(ago=-MINUTE, reporter=Reporter.OUTREACH)], 2, False),
    ],
)
def test_two_turned_away_since_somebody_who_knows_mark_it_disputed(
    told: list[Said], visits: int, disputed: bool
) -> None:
    away = [visited(Outcome.TURNED_AWAY) for _ in range(visits)]
    served = [visited(Outcome.SERVED) for _ in range(3)]
    assert standing_of(Kind.DETOX, told, [*away, *served]).disputed is disputed


def test_of_two_reports_in_one_instant_the_greater_id_speaks() -> None:
    one, other = said(Availability.FULL), said(Availability.AVAILABLE)
    greater = max(one, other, key=lambda report: report.id)
    for order in ([one, other], [other, one]):
        assert standing_of(Kind.DETOX, order, []).word == greater


def test_what_faded_to_nothing_is_left_out_but_the_last_word_stays() -> None:
    long_ago = (HALF_LIVES + 1) * KIND_FACTS[Kind.DETOX].half_life
    old, new = said(Availability.FULL, ago=long_ago), said()
    assert standing_of(Kind.DETOX, [old, new], []) == standing_of(Kind.DETOX, [new], [])
    late_visit = visited(Outcome.SERVED)
    assert standing_of(Kind.DETOX, [old], [late_visit]).word == old
