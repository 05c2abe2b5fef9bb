"""Sends the cases: in this process, through the WSGI application, each undone afterwards."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from unittest import mock

import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, Response
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok

from api.requests import ReadingHandler
from api.short_cut import SearchShortCut
from api.v1.schema import rendered_document
from services import health
from tests.proofs.api.feeding import Feeder
from tests.proofs.api.judging import wrong_with
from tests.proofs.api.made import AnyCase, AnyOperation
from tests.proofs.api.plan import ROLES, Plan
from tests.proofs.api.sending import follow_up, unpacked
from tests.proofs.api.world import Known

WELL, BADLY = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
QUIET = settings(
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
ROUNDS = 20  # of making up cases, until there are as many as planned


@dataclass
class Seen:
    """What was asked and answered."""

    cases: Counter[tuple[str, str]] = field(default_factory=Counter)  # by operation and role
    modes: Counter[str] = field(default_factory=Counter)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)  # by operation
    after: Counter[str] = field(default_factory=Counter)  # requests that an answer led to
    wrong: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)  # a command line for each wrong

    def note(self, case: AnyCase, response: Response, fed: set[ParameterLocation]) -> None:
        """Hold one answer against the promises."""
        for what in wrong_with(case, response, fed):
            key = f"{case.operation.label}: {what}"
            self.wrong[key] += 1
            self.examples.setdefault(key, _as_told(case, response))

    def add(self, other: "Seen") -> None:
        """What another part of the run saw."""
        for mine in ("cases", "modes", "statuses", "after", "wrong"):
            getattr(self, mine).update(getattr(other, mine))
        self.examples |= other.examples


def _as_told(case: AnyCase, response: Response) -> str:
    return f"{case.as_curl_command()}\n      {response.status_code} {response.content[:600]!r}"


def operations() -> dict[str, AnyOperation]:
    """Those of the document that is served, by label such as "GET /healthz"."""
    schema = schemathesis.openapi.from_dict(json.loads(rendered_document("json")))
    schema.app = unpacked(SearchShortCut(ReadingHandler()))
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    return {operation.label: operation for operation in found}


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Nothing closes the connection that undoes a case, nobody pauses, and a worker lives."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        with mock.patch("services.changes.waiting._rest"):
            health.beat()
            yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def ask_all(asked: Iterable[AnyOperation], plan: Plan, known: Known, *, begin: int) -> Seen:
    """Ask each operation as often as planned.

    Args:
        begin: what all that is made up follows from; the same, the same cases.
    """
    seen = Seen()
    for operation in asked:
        with _undisturbed():
            for mode, roles in _turns(operation.label, plan):
                Turn(operation, known, seen, roles).take(mode, begin)
    return seen


def _turns(label: str, plan: Plan) -> Iterator[tuple[GenerationMode, list[str]]]:
    """Half of each role's cases fit the document, the other half does not."""
    for mode, odd in ((WELL, 1), (BADLY, 0)):
        yield mode, [role for role in ROLES for _ in range((plan[label, role] + odd) // 2)]


@dataclass
class Turn:
    """The cases of one operation in one mode."""

    operation: AnyOperation
    known: Known
    seen: Seen
    left: list[str]  # the roles to ask as

    def take(self, mode: GenerationMode, begin: int) -> None:
        """Ask. An operation that takes nothing cannot be asked wrongly: it is asked rightly."""
        try:
            for number in range(ROUNDS):
                if self.left:
                    self._ask_some(mode, begin + number)
        except Unsatisfiable:
            self.take(WELL, begin + ROUNDS)
        assert not self.left, f"{self.operation.label}: {len(self.left)} cases were not made up"

    def _ask_some(self, mode: GenerationMode, begin: int) -> None:
        @seed(begin)
        @settings(QUIET, max_examples=len(self.left))
        @given(self.operation.as_strategy(generation_mode=mode), st.integers(0, 2**64))
        def ask(case: AnyCase, _never_the_same: int) -> None:
            if self.left:
                chance = Random(f"{begin} {self.operation.label} {len(self.left)}")
                self._ask(case, self.left.pop(0), chance)
                self.seen.modes[mode.value] += 1

        ask()

    def _ask(self, case: AnyCase, role: str, chance: Random) -> None:
        fed = Feeder(self.known, chance).feed(case, role)
        self.seen.cases[self.operation.label, role] += 1
        address = f"198.18.{chance.randrange(256)}.{chance.randrange(256)}"
        with transaction.atomic():
            response = case.call(environ_base={"REMOTE_ADDR": address})
            self.seen.statuses[self.operation.label, response.status_code] += 1
            self.seen.note(case, response, fed)
            for what, next_case, answer in follow_up(case, response):
                self.seen.after[what] += 1
                self.seen.note(next_case, answer, fed)
            transaction.set_rollback(True)
