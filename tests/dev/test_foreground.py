import json
import shlex
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from checkout import Checkout
from foreground import (
    can_search,
    only_one,
    port_from,
    programs,
    require_free,
    stop_other_run,
    welcome,
)
from refusal import Refusal


def test_a_taken_port_is_refused_with_the_line_to_say_instead() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Refusal, match=rf"Port {port} is not free.*PORT=\d+ make run"):
            require_free(port)
    require_free(port)


@pytest.mark.parametrize("text", ["0", "65536", "-1", "eight", "80 "])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="PORT must be"):
        port_from({"PORT": text})


@pytest.mark.parametrize(("text", "port"), [("", 8000), ("8001", 8001)])
def test_the_port_is_8000_unless_said_otherwise(text: str, port: int) -> None:
    assert port_from({"PORT": text}) == port


def test_a_second_run_of_a_checkout_is_refused(a_checkout: Checkout) -> None:
    with only_one(a_checkout, 8000):
        refused = pytest.raises(Refusal, match=r"runs already.*port 8000.*make stop")
        with refused, only_one(a_checkout, 8001):
            pass
    with only_one(a_checkout, 8001):
        pass


def test_without_a_run_there_is_none_to_stop(a_checkout: Checkout) -> None:
    assert stop_other_run(a_checkout) is False


def test_the_web_process_listens_here_only_and_logs_no_request(a_checkout: Checkout) -> None:
    web = " ".join(programs(a_checkout, 8123)[0].command)
    assert "--host 127.0.0.1 --port 8123" in web
    assert "--no-access-log" in web


def test_no_key_that_names_callers_stands_in_an_environment(a_checkout: Checkout) -> None:
    assert not any(program.extra for program in programs(a_checkout, 8123))


def test_it_runs_web_worker_and_beat(a_checkout: Checkout) -> None:
    assert [program.name for program in programs(a_checkout, 8000)] == ["web", "worker", "beat"]


def test_it_says_where_mail_goes(a_checkout: Checkout) -> None:
    assert str(a_checkout.data / "mail") in welcome(a_checkout, 8123)


def test_the_lines_to_try_hold_no_position_in_an_address(a_checkout: Checkout) -> None:
    lines = [line for line in welcome(a_checkout, 8123).splitlines() if line.startswith("  curl")]
    assert len(lines) == 3
    for words in map(shlex.split, lines):
        assert words[2].startswith("http://localhost:8123/api/v1/")
        assert "?" not in words[2]
        if "-d" in words:
            assert json.loads(words[words.index("-d") + 1])["kinds"]


class Readiness(BaseHTTPRequestHandler):
    """A web process that answers /readyz with a given code and body."""

    code = 200
    body = b""

    def do_GET(self) -> None:
        self.send_response(self.code)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web_port() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Readiness) as server:
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(
    ("code", "body", "ready"),
    [
        (200, {"ready": True, "parts": {"index": "up"}}, True),
        (503, {"ready": False, "parts": {"index": "up", "workers": "down"}}, True),
        (503, {"ready": False, "parts": {"index": "down"}}, False),
        (200, "something else", False),
    ],
)
def test_it_is_ready_when_searches_are_answered(
    web_port: int, monkeypatch: pytest.MonkeyPatch, code: int, body: object, *, ready: bool
) -> None:
    monkeypatch.setattr(Readiness, "code", code)
    monkeypatch.setattr(Readiness, "body", json.dumps(body).encode())
    assert can_search(web_port) is ready


def test_it_is_not_ready_when_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert can_search(port) is False
