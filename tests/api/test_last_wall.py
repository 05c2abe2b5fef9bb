"""The last wall: no exception reaches the server, whose log would tell its text."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from api.last_wall import BrokenOffError, LastWall

SECRET = "39.952583"


def failing(*_: Any) -> Iterable[bytes]:
    raise ValueError(SECRET)


def breaking_off(environ: Any, start: Callable[..., Any]) -> Iterator[bytes]:
    start("200 OK", [])
    yield b"the beginning"
    raise ValueError(SECRET)


def test_what_nobody_caught_is_a_problem(caplog: pytest.LogCaptureFixture) -> None:
    started: list[Any] = []
    content = LastWall(failing)({"REQUEST_METHOD": "GET"}, lambda *told: started.extend(told))
    (body,) = content
    assert started[0] == "500 Internal Server Error"
    assert json.loads(body)["type"] == "/problems/internal"
    assert dict(started[1])["Content-Length"] == str(len(body))
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text + body.decode()


def test_an_answer_that_breaks_off_does_so_without_a_word(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pieces = iter(LastWall(breaking_off)({}, lambda *_: None))
    assert next(pieces) == b"the beginning"
    with pytest.raises(BrokenOffError) as caught:
        next(pieces)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text


def test_what_an_answer_holds_is_freed() -> None:
    class Held(list[bytes]):
        closed = False

        def close(self) -> None:
            self.closed = True

    held = Held([b"a"])
    content = LastWall(lambda *_: iter_of(held))({}, lambda *_: None)
    assert b"".join(content) == b"a"
    content.close()  # type: ignore[attr-defined]
    assert held.closed


class iter_of:  # noqa: N801 - reads as a function
    """An iterable that is no list, as Django's answers are."""

    def __init__(self, held: Any) -> None:
        self._held = held

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._held)

    def close(self) -> None:
        self._held.close()


def test_a_plain_answer_passes_as_it_is() -> None:
    answer = [b"{}"]
    assert LastWall(lambda *_: answer)({}, lambda *_: None) is answer
