"""No input breaks it: hand-made requests, through the server's way in and through all of Django.

A refusal is a problem that says what to do, and never repeats what was sent.
"""

import json
from collections.abc import Iterator

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from api.refusals import UNAUTHENTICATED, Refusal
from api.requests import ReadingHandler
from api.short_cut import SearchShortCut
from services.index import live_index
from tests.api.hostile import encodings, geo, headers, ids, json_texts, pages, paths
from tests.api.hostile.asking import Told, asked
from tests.api.hostile.case import SEARCH, TELLTALES, Case
from tests.api.hostile.world import HostileWorld, a_hostile_world

FAMILIES = {
    family.__name__.rpartition(".")[2]: family.CASES
    for family in (geo, encodings, json_texts, headers, ids, paths, pages)
}
CASES = [case for cases in FAMILIES.values() for case in cases]
A_SEARCH = Case("a good search")


@pytest.fixture
def world(db: None, _limits_of_its_own: None) -> Iterator[HostileWorld]:
    """A request through all of Django would close the test's own connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    made = a_hostile_world()
    live_index.catch_up()
    yield made
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_there_are_hundreds_each_of_its_own() -> None:
    assert len(CASES) >= 300
    assert len({case.name for case in CASES}) == len(CASES)
    assert len({repr(case).partition(", method=")[2] for case in CASES}) == len(CASES)


@pytest.mark.parametrize("family", FAMILIES)
def test_each_is_answered_as_it_should_be(family: str, world: HostileWorld) -> None:
    django = ReadingHandler()
    ways = [django, SearchShortCut(django)]
    wrong = [
        f"{case.name}: {what}"
        for case in FAMILIES[family]
        for way in ways
        for what in wrong_with(case, asked(way, case, world))
    ]
    assert not wrong, "\n".join(wrong)


def test_the_short_cut_answers_searches_as_django_does(world: HostileWorld) -> None:
    django = ReadingHandler()
    known = SearchShortCut(django)
    assert asked(known, A_SEARCH, world).status == 200  # from here on its frame is known
    wrong = []
    for case in (case for case in CASES if case.path == SEARCH):
        expected = alike(case, asked(django, case, world))
        ways = (SearchShortCut(django), known)
        if any(alike(case, asked(way, case, world)) != expected for way in ways):
            wrong.append(case.name)
        assert asked(known, A_SEARCH, world).status == 200
    assert not wrong


def alike(case: Case, told: Told) -> tuple[object, ...]:
    """What must be the same of two answers; found services are told with the time of now."""
    headers = {name: value for name, value in told.headers.items() if name != "Content-Length"}
    return told.status, headers, told.content if case.refused else b""


def wrong_with(case: Case, told: Told) -> Iterator[str]:
    if told.status != case.expected:
        yield f"{told.status} instead of {case.expected}: {told.content[:300]!r}"
        return
    if case.refused is not None and case.method != "HEAD":
        yield from wrong_with_a_problem(case, told, case.refused)
    if told.status >= 400:
        sent_back = [
            word for word in TELLTALES if word in told.content + repr(told.headers).encode()
        ]
        yield from (f"repeats {word!r}" for word in sent_back)


def wrong_with_a_problem(case: Case, told: Told, refused: Refusal) -> Iterator[str]:
    if told.headers["Content-Type"] != "application/problem+json":
        yield "no problem"
        return
    problem = json.loads(told.content)
    if problem["type"] != refused.type:
        yield f"{problem['type']} instead of {refused.type}"
    texts = [problem["detail"], *(error["detail"] for error in problem.get("errors", ()))]
    if not all(texts) or problem["detail"] == problem["title"]:
        yield "does not say what to do"
    if case.field is not None and case.field not in {one["field"] for one in problem["errors"]}:
        yield f"names {[one['field'] for one in problem['errors']]}"
    if told.headers["Cache-Control"] != "no-store":
        yield "may be kept"
    if refused is UNAUTHENTICATED and told.headers["WWW-Authenticate"] != "Bearer":
        yield "asks for no token"
