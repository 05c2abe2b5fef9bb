"""The long-run chance of a service: learned from whoever is known, in whatever order they come."""

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence import Said, standing_of
from services.long_run import MEMORY, MOST_REPORTS, OLDEST, long_run_chance
from services.ranking import success_share
from services.vocabulary import KIND_FACTS, Availability, Kind, Reporter
from tests.services.test_evidence import NOW, fifty, minutes_with, moments, reports

every_kind = pytest.mark.parametrize("kind", Kind)
LONG = dt.timedelta(days=14)


def said(
    state: Availability, *, ago: dt.timedelta, reporter: Reporter = Reporter.CLINIC_STAFF
) -> Said:
    return Said(NOW - ago, uuid.uuid4(), state, reporter)


def daily(state: Availability, days: int) -> list[Said]:
    return [said(state, ago=day * dt.timedelta(days=1)) for day in range(days)]


@given(st.data(), st.sampled_from(Kind), st.lists(reports))
def test_the_order_of_arrival_does_not_matter(
    data: st.DataObject, kind: Kind, told: list[Said]
) -> None:
    assert long_run_chance(kind, told) == long_run_chance(kind, data.draw(st.permutations(told)))


@given(st.sampled_from(Kind), st.lists(reports))
def test_it_lies_between_the_prior_and_what_was_told(kind: Kind, told: list[Said]) -> None:
    shares = [success_share(one.state, one.remaining) for one in told]
    telling = [KIND_FACTS[kind].prior, *(share for share in shares if share is not None)]
    chance = long_run_chance(kind, told)
    if len(telling) == 1:
        assert chance is None
    else:
        assert chance is not None
        assert min(telling) - 1e-12 <= chance <= max(telling) + 1e-12
        assert 0 < chance < 1


@every_kind
def test_one_report_moves_it_by_a_third_of_the_way(kind: Kind) -> None:
    prior = KIND_FACTS[kind].prior
    chance = long_run_chance(kind, [said(Availability.FULL, ago=dt.timedelta(0))])
    assert chance == pytest.approx((2 * prior + 0.02) / 3)


@every_kind
def test_twenty_reports_within_a_minute_count_as_one(kind: Kind) -> None:
    once = [said(Availability.FULL, ago=dt.timedelta(0))]
    often = [said(Availability.FULL, ago=n * dt.timedelta(seconds=3)) for n in range(20)]
    alone, together = long_run_chance(kind, once), long_run_chance(kind, often)
    assert alone is not None
    assert together == pytest.approx(alone, rel=0.02)


def test_who_is_full_every_day_for_a_month_is_expected_to_be() -> None:
    often_full = long_run_chance(Kind.DETOX, daily(Availability.FULL, 30))
    often_free = long_run_chance(Kind.DETOX, daily(Availability.AVAILABLE, 30))
    assert often_full is not None
    assert often_full < 0.06
    assert often_free is not None
    assert often_free > 0.8


def test_an_old_month_weighs_less_than_a_new_one() -> None:
    full, free = Availability.FULL, Availability.AVAILABLE
    got_better = [said(full, ago=day + MEMORY) for day in days(30)] + daily(free, 30)
    got_worse = [said(free, ago=day + MEMORY) for day in days(30)] + daily(full, 30)
    better, worse = (long_run_chance(Kind.DETOX, told) for told in (got_better, got_worse))
    assert better is not None
    assert worse is not None
    assert better > 0.55
    assert worse < 0.4


def days(count: int) -> list[dt.timedelta]:
    return [day * dt.timedelta(days=1) for day in range(count)]


@given(st.sampled_from(Kind), st.lists(reports), st.lists(st.tuples(moments, st.uuids())))
def test_anonymous_reports_count_nothing(
    kind: Kind, told: list[Said], others: list[tuple[dt.datetime, uuid.UUID]]
) -> None:
    anonymous = [Said(at, id_, Availability.FULL, Reporter.ANONYMOUS) for at, id_ in others]
    assert long_run_chance(kind, [*told, *anonymous]) == long_run_chance(kind, told)


@every_kind
@pytest.mark.parametrize("state", [Availability.AVAILABLE, Availability.FULL])
def test_fifty_people_raise_the_minutes_by_half_at_most_whatever_was_learned(
    kind: Kind, state: Availability
) -> None:
    learned = long_run_chance(kind, [said(state, ago=LONG)])
    assert learned is not None
    visits = fifty(kind, lambda _number: dt.timedelta(0))
    honest, attacked = standing_of(kind, [], []), standing_of(kind, [], visits)
    before, after = (minutes_with(learned, kind, one, NOW) for one in (honest, attacked))
    assert 0 < after / before - 1 <= 0.5 + 1e-9


@every_kind
def test_beside_a_fresh_report_of_the_clinic_by_a_tenth_at_most(kind: Kind) -> None:
    visits = fifty(kind, lambda _number: dt.timedelta(0))
    for state in (Availability.AVAILABLE, Availability.LIMITED, Availability.WAITLIST):
        told = [said(state, ago=dt.timedelta(0)), said(Availability.FULL, ago=LONG)]
        learned = long_run_chance(kind, told)
        assert learned is not None
        before, after = (
            minutes_with(learned, kind, standing_of(kind, told, some), NOW) for some in ([], visits)
        )
        assert 0 <= after / before - 1 <= 0.1 + 1e-9


@pytest.mark.parametrize("state", [Availability.CLOSED_TEMPORARILY])
def test_what_says_nothing_of_chances_teaches_nothing(state: Availability) -> None:
    assert long_run_chance(Kind.DETOX, [said(state, ago=dt.timedelta(0))]) is None


def test_what_is_too_old_or_too_much_is_left_out() -> None:
    old = said(Availability.FULL, ago=OLDEST + dt.timedelta(seconds=1))
    new = daily(Availability.AVAILABLE, 3)
    assert long_run_chance(Kind.DETOX, [old, *new]) == long_run_chance(Kind.DETOX, new)
    many = [
        said(Availability.AVAILABLE, ago=minute * dt.timedelta(minutes=1))
        for minute in range(MOST_REPORTS)
    ]
    earlier = said(Availability.FULL, ago=dt.timedelta(days=1))
    assert long_run_chance(Kind.DETOX, [earlier, *many]) == long_run_chance(Kind.DETOX, many)
