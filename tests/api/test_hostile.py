"""No input breaks it: hand-made requests, through the server's way in and through all of Django.

A refusal is a problem that says what to do, and never repeats what was sent.
"""

import io
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from api.refusals import UNAUTHENTICATED, Refusal
from api.short_cut import SearchShortCut
from services.index import live_index
from tests.api.hostile import encodings, geo, headers, ids, json_texts, pages, paths
from tests.api.hostile.case import SEARCH, TELLTALES, Case
from tests.api.hostile.world import HostileWorld, a_hostile_world

FAMILIES = (geo, encodings, json_texts, headers, ids, paths, pages)
CASES = [case for family in FAMILIES for case in family.CASES]
callers = itertools.count()

Told = tuple[str, dict[str, str], bytes]


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
    assert len({(c.method, c.path, c.query, c.body, str(c.headers), c.role) for c in CASES}) == len(
        CASES
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_is_answered_as_it_should_be(case: Case, world: HostileWorld) -> None:
    django = WSGIHandler()
    status, told_headers, content = asked(django, case, world)
    assert int(status[:3]) == case.expected, content[:500]
    if case.path != SEARCH:
        served = asked(SearchShortCut(django), case, world)[0]
        assert int(served[:3]) == case.expected or case.role  # an act may not be done twice
    if case.refused is not None:
        says_no(case, told_headers, content, case.refused)
    if case.expected >= 400:
        told = content + str(told_headers).encode()
        assert not [word for word in TELLTALES if word in told]


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.path == SEARCH], ids=lambda case: case.name
)
def test_the_short_cut_of_searches_answers_no_otherwise(case: Case, world: HostileWorld) -> None:
    django = WSGIHandler()
    fresh, known = SearchShortCut(django), SearchShortCut(django)
    assert asked(known, Case("a good search"), world)[0] == "200 OK"  # so its frame is known
    expected = asked(django, case, world)
    for way in (fresh, known):
        status, told_headers, content = asked(way, case, world)
        assert status == expected[0]
        assert without_length(told_headers) == without_length(expected[1])
        assert case.refused is None or content == expected[2]
    assert asked(known, Case("a good search"), world)[0] == "200 OK"


def asked(application: Any, case: Case, world: HostileWorld) -> Told:
    """What a WSGI server gets back."""
    environ = {
        "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": f"198.51.100.{next(callers) % 250}",
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
    }
    environ |= world.filled(case)
    if case.role:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {world.token(case.role)}"
    environ["wsgi.input"] = io.BytesIO(case.body)
    told: list[Any] = []
    answer = application(environ, lambda *start: told.extend(start[:2]))
    content = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return told[0], dict(told[1]), content


def says_no(case: Case, told: dict[str, str], content: bytes, refused: Refusal) -> None:
    """It is the right problem, and tells what to do."""
    import json

    assert told["Content-Type"] == "application/problem+json"
    assert told["Cache-Control"] == "no-store"
    if case.method == "HEAD":
        return
    problem = json.loads(content)
    assert problem["type"] == refused.type
    assert problem["detail"]
    assert problem["detail"] != problem["title"]
    assert all(error["detail"] for error in problem.get("errors", ()))
    if case.field is not None:
        assert case.field in {error["field"] for error in problem["errors"]}
    if refused is UNAUTHENTICATED:
        assert told["WWW-Authenticate"] == "Bearer"


def without_length(told: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in told.items() if name != "Content-Length"}
