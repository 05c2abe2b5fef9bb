"""However many wait for the database, a search never does."""

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.rooms import BEFORE, INSIDE, Room
from api.short_cut import SearchShortCut
from services.index import live_index
from tests.wsgi import asked, environ_of

OTHER: dict[str, Any] = {"PATH_INFO": "/api/v1/services/"}
ROOT = Path(__file__).parents[2]
# Every way in which we say that the web server is started.
STARTS = [".docker/Dockerfile", ".dev/foreground.py", "README.md"]


class Hanging:
    """Django, while the database does not answer."""

    def __init__(self) -> None:
        self.goes_on, self.inside = threading.Event(), threading.Semaphore(0)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Hang."""
        self.inside.release()
        assert self.goes_on.wait(60)
        start_response("200 OK", [])
        return [b"late"]


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    made = Hanging()
    yield made
    made.goes_on.set()


@pytest.mark.parametrize("start", STARTS)
def test_requests_that_hang_leave_threads_to_searches(start: str) -> None:
    (threads,) = re.findall(r'--blocking-threads(?: |", ")(\d+)', (ROOT / start).read_text())
    assert int(threads) - 8 >= INSIDE + BEFORE


@pytest.mark.django_db
def test_a_search_passes_those_that_wait(hanging: Hanging) -> None:
    live_index.load()
    application = SearchShortCut(hanging)
    application._room = Room(inside=2, before=1, longest_s=60)
    others = [threading.Thread(target=asked, args=(application,), kwargs=OTHER) for _ in range(3)]
    for thread in others:
        thread.start()
    for _ in range(2):
        assert hanging.inside.acquire(timeout=60)
    body = json.dumps({"lat": 40.0, "lon": -75.0}).encode()
    assert asked(application, body).status == "200 OK"
    while application._room._seats.acquire(blocking=False):  # until the third has its seat
        application._room._seats.release()
    status, headers, content, _ = asked(application, **OTHER)
    assert status.startswith("503")
    assert headers["Retry-After"] == "5"
    assert json.loads(content)["type"] == "/problems/unavailable"
    hanging.goes_on.set()
    for thread in others:
        thread.join()
    assert asked(application, **OTHER).status == "200 OK"


class Pieces(list[bytes]):
    """An answer that is made while it is sent, as Django marks it."""

    streaming, is_closed = True, False

    def close(self) -> None:
        self.is_closed = True


def test_an_answer_that_is_made_while_it_is_sent_keeps_its_place() -> None:
    def exported(_environ: Any, start: Callable[..., Any]) -> Any:
        start("200 OK", [])
        return Pieces([b"a", b"b"])

    application = SearchShortCut(exported)
    application._room = Room(inside=1, before=0)
    content: Any = application(environ_of(b"", **OTHER), lambda *_: None)
    assert asked(application, **OTHER).status.startswith("503")
    assert list(content) == [b"a", b"b"]
    assert asked(application, **OTHER).status.startswith("503")
    content.close()
    assert content._content.is_closed
    assert application(environ_of(b"", **OTHER), lambda *_: None)


def test_a_turn_that_does_not_come_is_not_waited_for_forever(hanging: Hanging) -> None:
    room = Room(inside=1, before=5, longest_s=0.01)
    with room.entered() as first, room.entered() as second:
        assert (first, second) == (True, False)
    with room.entered() as again:
        assert again
