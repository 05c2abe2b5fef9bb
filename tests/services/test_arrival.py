"""Reports arrive in any order, late, twice, and are taken back: the service is told the same."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from services.availability import CLOCK_SKEW, Observation, report_availability, withdraw
from services.models import AvailabilityReport, Service
from services.outcomes import tell_outcome
from services.vocabulary import KIND_FACTS, Availability, Kind, Outcome, Reporter
from tests.builders import a_service, a_site

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
STATES = [state for state in Availability if state != Availability.UNKNOWN]
REPORTERS = [Reporter.CLINIC_STAFF, Reporter.OUTREACH, Reporter.FEED]
once_per_test = HealthCheck.function_scoped_fixture  # every example has services of its own


@dataclass(frozen=True)
class Event:
    """Something told of a service; the same event can be told of another one too."""

    ago: int  # minutes
    state: Availability | None
    reporter: Reporter
    outcome: Outcome
    number: int  # orders the ids of events in one instant
    withdrawn: bool

    def id_for(self, service: Service) -> uuid.UUID:
        """Another id for each service, in the same order for all of them."""
        return uuid.UUID(int=self.number * 2**64 + service.pk.int % 2**64)

    def tell(self, service: Service) -> None:
        at, id_ = NOW - self.ago * MINUTE, self.id_for(service)
        if self.state is None:
            with time_machine.travel(at, tick=False):
                tell_outcome(id=id_, service_id=service.pk, outcome=self.outcome)
            return
        report(service, Observation(id_, self.state, at), self.reporter)
        if self.withdrawn:
            withdraw(AvailabilityReport.objects.filter(pk=id_), by=None)


def report(
    service: Service, observation: Observation, reporter: Reporter = Reporter.CLINIC_STAFF
) -> tuple[AvailabilityReport, bool]:
    return report_availability(
        service_id=service.pk,
        observation=observation,
        reporter=reporter,
        channel=AvailabilityReport.Channel.COMMAND,
    )


events = st.lists(
    st.builds(
        Event,
        ago=st.integers(0, 8).map(lambda step: step * 45),
        state=st.sampled_from([*STATES, None]),
        reporter=st.sampled_from(REPORTERS),
        outcome=st.sampled_from(Outcome),
        number=st.integers(1, 2**63),
        withdrawn=st.sampled_from([False, False, True]),
    ),
    max_size=8,
    unique_by=lambda event: event.number,
)
TOLD = ["state", "as_of", "expires_at", "reported_by", "disputed", "evidence_at"]


@settings(max_examples=25, deadline=None, suppress_health_check=[once_per_test])
@given(st.data(), events)
def test_any_order_of_arrival_gives_the_same_service(
    data: st.DataObject, told: list[Event]
) -> None:
    services = [a_service(kind=Kind.DETOX) for _ in range(2)]
    with time_machine.travel(NOW, tick=False):
        for service, order in zip(services, (told, data.draw(st.permutations(told))), strict=True):
            for event in order:
                event.tell(service)
            service.refresh_from_db()
    one, other = services
    assert [getattr(one, name) for name in TOLD] == [getattr(other, name) for name in TOLD]
    assert one.evidence_for == pytest.approx(other.evidence_for, abs=1e-9)
    assert one.evidence_against == pytest.approx(other.evidence_against, abs=1e-9)


@settings(max_examples=15, deadline=None, suppress_health_check=[once_per_test])
@given(events)
def test_what_is_taken_back_leaves_nothing_behind(told: list[Event]) -> None:
    tried, plain = a_service(kind=Kind.DETOX), a_service(kind=Kind.DETOX)
    with time_machine.travel(NOW, tick=False):
        for event in told:
            event.tell(tried)
            if not (event.state and event.withdrawn):
                event.tell(plain)
    for service in (tried, plain):
        service.refresh_from_db()
    assert [getattr(tried, name) for name in TOLD] == [getattr(plain, name) for name in TOLD]
    assert tried.evidence_for == pytest.approx(plain.evidence_for, abs=1e-9)


class LateReports(RuleBasedStateMachine):
    """A phone comes and goes; the model is nothing but the newest fact that was not taken back."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = time_machine.travel(NOW, tick=False)
        self.now, self.traveller = NOW, self.clock.start()
        self.service = a_service(a_site(), Kind.DETOX)
        self.sent: dict[uuid.UUID, Observation] = {}
        self.facts: dict[uuid.UUID, tuple[dt.datetime, uuid.UUID, Availability]] = {}

    def teardown(self) -> None:
        self.clock.stop()

    @rule(minutes=st.integers(1, 400))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTE
        self.traveller.move_to(self.now, tick=False)

    @rule(
        state=st.sampled_from(STATES),
        late=st.integers(-30, 900),
        reporter=st.sampled_from(REPORTERS),
    )
    def a_report_arrives(self, state: Availability, late: int, reporter: Reporter) -> None:
        seen = Observation(uuid.uuid4(), state, self.now - late * MINUTE)
        assert report(self.service, seen, reporter)[1]
        observed_at = min(self.now - late * MINUTE, self.now + CLOCK_SKEW)
        self.sent[seen.id] = seen
        self.facts[seen.id] = (observed_at, seen.id, state)

    @rule(data=st.data())
    def a_phone_repeats_itself(self, data: st.DataObject) -> None:
        if self.sent:
            seen = data.draw(st.sampled_from(list(self.sent.values())))
            assert not report(self.service, seen)[1]

    @rule(data=st.data())
    def a_moderator_takes_one_back(self, data: st.DataObject) -> None:
        if self.sent:
            id_ = data.draw(st.sampled_from(list(self.sent)))
            withdraw(AvailabilityReport.objects.filter(pk=id_), by=None)
            self.facts.pop(id_, None)

    @rule(outcome=st.sampled_from(Outcome))
    def somebody_tells_an_outcome(self, outcome: Outcome) -> None:
        assert tell_outcome(id=uuid.uuid4(), service_id=self.service.pk, outcome=outcome)

    @invariant()
    def the_newest_fact_speaks(self) -> None:
        self.service.refresh_from_db()
        told: tuple[Any, ...] = (self.service.state, self.service.as_of, self.service.expires_at)
        if not self.facts:
            assert told == ("unknown", None, None)
            return
        seen_at, _id, state = max(self.facts.values())
        assert told == (state, seen_at, seen_at + KIND_FACTS[Kind.DETOX].expires)


def test_a_late_offline_report_never_beats_a_newer_fact() -> None:
    run_state_machine_as_test(
        LateReports,
        settings=settings(
            max_examples=20,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=[once_per_test],
        ),
    )
